import { parseEther } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { twoStepAbi } from '../../../chain/abi.ts'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { rootOf, testParams } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, proving } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { refuses, startRpcFront } from '../../support/rpc/rpc-front.ts'
import { FINALITY, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// The contract is contracts/simulated/Rollup2023.sol, with T1 = 3 and T2 = 4. It fines a missing proof with 1 coin and
// a wrong one with 10.

const { commitBlocks: T1, proveBlocks: T2 } = testParams
const [FINE, WRONG] = [parseEther('1'), parseEther('10')]
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)

/** Code of a contract that answers every call with one word of zeros. */
const RETURNS_FALSE = '0x60205ff3'

describe('a proof that the contract takes, fines and doesn’t accept', () => {
  test.each([
    { finality: 0, why: 'its nonce is final at once' },
    { finality: FINALITY, why: 'its nonce gets final within the window' },
    { finality: 200, why: 'its nonce is not final when the next round is open' },
  ])('is sent once a round, and again in the next: $why', async ({ finality }) => {
    const { miner, ref } = await opened({ finality })
    miner.rollup.kind = { ...miner.rollup.kind, namesMiner: false } // nobody then asks the verifier beforehand
    const mendVerifier = await breakVerifier(miner)
    await miner.live(1 + T1 + T2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    expect(await miner.harness.fines(miner.miner)).toEqual([WRONG])
    expect(miner.looks.get(ref.to)?.step).toMatchObject({ kind: 'wait', code: 'proof-not-accepted' })
    await mendVerifier()
    await miner.live(2 + T1 + T2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'commit', 'prove'])
    expect(await miner.harness.read2023('rollup', 'lastVerifiedBatch')).toBe(1n)
    // The round that ended unproved is fined by the next hash, as the contract has it.
    expect(await miner.harness.fines(miner.miner)).toEqual([WRONG, FINE])
  })

  test('not again either while no node tells what became of it', async () => {
    const harness = await Harness2023.start()
    const front = await startRpcFront(harness.anvil.url)
    onTestFinished(() => front.close())
    const { miner, ref } = await opened({ harness, rpcUrl: front.url })
    miner.rollup.kind = { ...miner.rollup.kind, namesMiner: false }
    await miner.live(2)
    await breakVerifier(miner)
    front.habits = [refuses(-32000, 'eth_getTransactionReceipt')]
    await miner.live(T1 + T2 - 2)
    expect(await miner.harness.fines(miner.miner)).toEqual([WRONG])
    expect((await miner.pass()).lines.join('\n')).toMatch(
      /prove \S+ 1: held, it has been mined, no node tells yet what came of it/,
    )
    front.habits = []
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })

  test('late: not again either, and the other sequences go on', async () => {
    const { miner, ref } = await opened()
    miner.rollup.kind = { ...miner.rollup.kind, namesMiner: false }
    await miner.live(1)
    await rivalProves(miner)
    await breakVerifier(miner)
    await miner.live(4)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late'])
    const second = await miner.open(SECOND)
    await miner.live(2)
    await miner.pass()
    expect(await ranFor(miner, second)).toEqual(['commit'])
    expect((await miner.harness.fines(miner.miner)).filter((fine) => fine === WRONG)).toEqual([WRONG])
  })
})

describe('the contract has another state root than we', () => {
  test('from the genesis on: no hash goes out, and it is said why', async () => {
    const { miner, ref } = await opened({ genesisStateRoot: rootOf(77) })
    await miner.live(3)
    expect(await listSequenceAttempts(miner.deps.db, ref)).toEqual([])
    const why = `the final proof starts from state root ${FIRST.oldStateRoot} after batch 0, the contract has ${rootOf(77)} there`
    expect(miner.looks.get(ref.to)?.step).toMatchObject({ kind: 'wait', code: 'proof-not-accepted', why })
  })

  test('since a rival verified the sequence before ours: our proof isn’t sent, for ten times the fine', async () => {
    const { miner } = await opened()
    const { harness, rival } = miner
    const other = { ...FIRST, newStateRoot: rootOf(77) } // the simulated verifier takes any root
    await harness.send(committing(rival, other))
    const second = await miner.open(SECOND)
    await miner.live(2)
    await miner.pass()
    expect([await ranFor(miner, refOf(miner, FIRST)), await ranFor(miner, second)]).toEqual([['commit'], ['commit']])
    await harness.send(proving(rival, other))
    await miner.live(T1 + T2)
    expect(await ranFor(miner, second)).toEqual(['commit'])
    expect((await harness.fines(miner.miner)).filter((fine) => fine === WRONG)).toEqual([])
  })
})

interface Miner2023 extends MinerOnAnvil {
  harness: Harness2023
}

interface Opening {
  finality?: number
  genesisStateRoot?: `0x${string}`
  harness?: Harness2023
  /** What the miner sees of the chain. */
  rpcUrl?: string
}

/** Starts a miner of 100 coins with a proved sequence. */
async function opened({ finality = FINALITY, rpcUrl, genesisStateRoot, ...p }: Opening = {}) {
  const harness = p.harness ?? (await Harness2023.start({ ...(genesisStateRoot && { genesisStateRoot }) }))
  onTestFinished(() => harness.anvil.stop())
  const miner = (await startMiner({
    harness,
    stakeWei: parseEther('100'),
    finality,
    ...(rpcUrl && { rpcUrl }),
  })) as Miner2023
  await harness.send({ from: miner.rival, functionName: 'deposit', args: [], value: parseEther('100') })
  return { miner, ref: await miner.open(FIRST) }
}

const refOf = ({ rollup }: MinerOnAnvil, { init, final, newAccInputHash }: typeof FIRST): SequenceRef => ({
  ...{ rollup: rollup.name, from: init + 1, to: final, accInputHash: newAccInputHash },
})

/** Has a rival join our round and prove in its window. */
async function rivalProves({ harness, rival }: MinerOnAnvil): Promise<void> {
  await harness.send(committing(rival, FIRST))
  await harness.mine(T1)
  await harness.send(proving(rival, FIRST))
}

/** Puts code in the verifier's place that says no to everything. @returns what puts the verifier back. */
async function breakVerifier({ harness: { client, rollup } }: Miner2023): Promise<() => Promise<void>> {
  const address = await client.readContract({ address: rollup, abi: twoStepAbi, functionName: 'rollupVerifier' })
  const code = await client.getCode({ address })
  await client.setCode({ address, bytecode: RETURNS_FALSE })
  return () => client.setCode({ address, bytecode: code ?? '0x' })
}
