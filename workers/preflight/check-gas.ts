import type { Chain } from '../../chain/create-chain.ts'
import { stakeCall } from '../../chain/transactions/calls.ts'
import { callBytes } from '../../chain/trials/gas.ts'
import { readRehearsal } from '../../chain/trials/rehearsal.ts'
import { RetryableError } from '../../protocol/base/errors.ts'
import type { Address, BatchRange } from '../../protocol/base/ranges.ts'
import { coins } from '../../protocol/base/units.ts'
import type { IntentStep } from '../../protocol/sender/intent.ts'
import { blockedCommit } from '../../protocol/sequence/commit-gate.ts'
import { owesProof } from '../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'

interface Asked {
  contract: Address
  miner: Address
}

/** The hash of no proof: a contract takes any at first. */
const NO_PROOF_HASH = `0x${'5a'.repeat(32)}` as const

/**
 * Gives the first sequence that isn't verified, as if it were proved, with what came of trying its hash in the next
 * block. It is null where there is none in which we could send one now.
 */
export async function rehearseFirst(
  chain: Chain,
  { contract, miner, lastVerifiedBatch }: Asked & { lastVerifiedBatch: number },
  viewOf: (range: BatchRange) => Promise<SequenceView>,
): Promise<SequenceView | null> {
  const [range] = (await chain.readRollup({ contract, floor: lastVerifiedBatch, confirmations: 0 })).sequences
  if (range === undefined) return null
  const view = await viewOf(range)
  const { head, finalProof } = view
  if (finalProof === null || owesProof(view) || blockedCommit(view, head.number + 1) !== null) return null
  const proof = new Uint8Array(finalProof.size)
  const asked = { miner, contract, range, at: head, proof, proofHash: NO_PROOF_HASH, final: null, proveBlock: null }
  return { ...view, rehearsal: await readRehearsal(chain, asked) }
}

/**
 * Says the gas limits of all steps for people: from trials in the next block where something can be tried, else what is
 * reckoned with.
 */
export async function describeGas(chain: Chain, { contract, miner }: Asked, view: SequenceView): Promise<string> {
  const limitOf = (step: IntentStep) => chain.expectedGas(step, contract)
  const stake = view.hasClaims ? [await tryStake(chain, { contract, miner }, view)] : []
  const claim = view.hasClaims ? [`claim ${limitOf('claim')} (reckoned)`] : []
  const tried = view.rehearsal?.commitGas
  const hash = tried ? `hash ${tried}` : `hash ${limitOf('commit')} (reckoned: no sequence is open to a hash of ours)`
  const proof = `proof ${limitOf('prove')} (reckoned: tried when it is made)`
  return `gas: ${[hash, proof, ...claim, ...stake].join(', ')}; a transaction may have ${await chain.mostGas(view.head)}${describeData(chain)}`
}

/** Says what hash and proof cost besides gas, where the chain charges for data apart. */
function describeData(chain: Chain): string {
  const [hash = 0n, proof = 0n] = (['commit', 'prove'] as const).map((step) =>
    chain.feesWei({ gas: 0n, bytes: callBytes(step) }),
  )
  return hash + proof === 0n ? '' : `; for data, besides gas: hash ${coins(hash)}, proof ${coins(proof)} at most`
}

/** Tries a deposit of the least amount, which takes what any takes. */
async function tryStake(chain: Chain, { contract, miner }: Asked, { head }: SequenceView): Promise<string> {
  const call = { to: contract, ...stakeCall({ kind: 'deposit', wei: 1n }) }
  try {
    return `stake ${await chain.gasLimit({ from: miner, purpose: { step: 'stake', contract }, call, before: [], at: head })}`
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    return `stake ${chain.expectedGas('stake', contract)} (reckoned: ${error.message})`
  }
}
