import { zeroHash } from 'viem'
import { readLiabilitiesOf } from '../../activities/sequence/read-liabilities.ts'
import type { Chain } from '../../chain/create-chain.ts'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { EXPECTED_FINAL_PROOF_BYTES } from '../../chain/trials/gas.ts'
import type { RollupConfig, WatchedAccount } from '../../config/types.ts'
import type { Liability } from '../../protocol/base/budget.ts'
import type { Address, BatchRange } from '../../protocol/base/ranges.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import { coins } from '../../protocol/base/units.ts'
import { blockedCommit } from '../../protocol/sequence/commit-gate.ts'
import { LOOSE_RULES, RAISE_STAKE_OF_2023 } from '../../protocol/sequence/loose-rules.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'
import { describeGas, rehearseFirst } from './check-gas.ts'
import { readRulesOf2023 } from './rules-of-2023.ts'

/** Something to know that doesn't keep anything from starting. */
export interface Warning {
  warning: string
}

/**
 * Tells whether a two-step contract answers at the address, and what its rules are. @throws NoContractError and what
 * reading throws.
 */
export async function checkContract(chain: Chain, rollup: RollupConfig<WatchedAccount>): Promise<string | Warning> {
  const { contract } = rollup
  const { chainId, forkId } = await chain.readDeployment({ contract })
  const { lastVerifiedBatch, lastBatchSequenced } = await readProgress(chain, contract)
  const found = `contract ${contract}, rollup chain ${chainId}, fork ${forkId}: sequenced up to batch ${lastBatchSequenced}, verified up to ${lastVerifiedBatch}`
  const rules = await readRulesOf2023(chain, rollup)
  if (rules === null) return found
  const text = `${found}; it is one of 2023: ${LOOSE_RULES}`
  return rules.troubles.length === 0 ? text : { warning: `${rules.troubles.join('; ')}; ${text}` }
}

/**
 * Tells whether a new hash could be sent for a sequence that is proved and has nothing before it: stake, balance,
 * emergency pause, windows that are long enough for the configured limits, and what nodes and contract say when it is
 * tried; and what gas all steps take. Open commitments are served in any case.
 * @param rollups all of the chain: those of the same account may owe proofs.
 */
export async function checkCommit(
  chain: Chain,
  { name, contract, account, limits }: RollupConfig<WatchedAccount>,
  rollups: readonly RollupConfig<WatchedAccount>[],
): Promise<string | Warning> {
  if (account.address === null) {
    return {
      warning: `stake and balance not looked at: the address of account "${account.name}" isn't known; set accounts.${account.name}.address`,
    }
  }
  const miner = account.address
  const isOfAccount = (one: (typeof rollups)[number]) => isSameAddress(one.account.address, miner)
  const { lastVerifiedBatch, lastBatchSequenced } = await readProgress(chain, contract)
  const next = lastBatchSequenced + 1
  const viewOf = async (range: BatchRange) => {
    const onChain = await chain.readSequence({ contract, range, miner, finalProofBytes: EXPECTED_FINAL_PROOF_BYTES })
    return provedSequence(onChain, {
      limits,
      liabilities: await readOwed(chain, miner, { rollups: rollups.filter(isOfAccount), at: onChain.head }),
    })
  }
  const view =
    (await rehearseFirst(chain, { contract, miner, lastVerifiedBatch }, viewOf)) ??
    (await viewOf({ from: next, to: next }))
  const { stakeWei, lockedWei, balanceWei } = view.funds
  const funds = `account ${miner}: stake ${coins(stakeWei)} (${coins(lockedWei)} locked), balance ${coins(balanceWei)}`
  const found = `${funds}; ${await describeGas(chain, { contract, miner }, view)}`
  const blocked = blockedCommit(view, view.head.number + 1)
  if (blocked === null) return found
  const cure = blocked.condition === 'stake-short' ? cureOf(name, view) : ''
  return { warning: `no new hash would be sent: ${blocked.why} [${blocked.condition}]; ${found}${cure}` }
}

/**
 * Reads the proofs that the chain says are owed for sequences that aren't verified yet. Late ones, and what is only
 * signed, the aggregator knows.
 */
async function readOwed(
  chain: Chain,
  miner: Address,
  { rollups, at }: { rollups: readonly RollupConfig<WatchedAccount>[]; at: BlockRef },
): Promise<Liability[]> {
  const asked = rollups.map(async ({ name, contract }) => {
    const { lastVerifiedBatch } = await readProgress(chain, contract)
    return { name, contract, floor: async () => lastVerifiedBatch }
  })
  const liabilities = await readLiabilitiesOf(chain, { miner, rollups: await Promise.all(asked), signed: [], at })
  return liabilities(null)
}

/** Makes the view of a sequence for which everything is done that depends on us. */
function provedSequence(
  onChain: Awaited<ReturnType<Chain['readSequence']>>,
  { limits, liabilities }: { limits: SequenceView['limits']; liabilities: readonly Liability[] },
): SequenceView {
  return {
    ...onChain,
    funds: { ...onChain.funds, liabilities },
    expectedAccInputHash: zeroHash,
    sequencedAtBlock: onChain.head.number - limits.confirmations,
    finalProof: {
      sha256: zeroHash,
      size: EXPECTED_FINAL_PROOF_BYTES,
      proofHash: zeroHash,
      isInBothStores: true,
      isAcceptedByContract: true,
    },
    predecessors: [],
    limits,
    holds: { paused: null, cancelled: null, quarantined: null },
  }
}

/** Reads the counters alone: nothing above the highest batch is listed. */
const readProgress = (chain: Chain, contract: RollupConfig<WatchedAccount>['contract']) =>
  chain.readRollup({ contract, floor: Number.MAX_SAFE_INTEGER, confirmations: 0 })

/** Says how stake is raised. The command moves it at our own contract only. */
function cureOf(rollup: string, { funds, hasClaims }: SequenceView): string {
  const needed = coins(neededStake(funds))
  return hasClaims
    ? `; \`zkpow stake ${rollup} --to ${needed}\` cures it`
    : `; ${needed} is enough: ${RAISE_STAKE_OF_2023}`
}

/** Reckons the least stake with which one more hash may be sent, wei. */
function neededStake({ minStakeWei, lockedWei, penaltyWei }: SequenceView['funds']): string {
  const [least, locking] = [BigInt(minStakeWei), BigInt(lockedWei) + BigInt(penaltyWei)]
  return `${least > locking ? least : locking}`
}
