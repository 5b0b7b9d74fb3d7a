/**
 * Every condition of the gate before a commit, told twice to the model of the contract: to a miner that sees, and to
 * one that is blind for this one thing. What the second one loses is what the condition is for: a penalty, or gas for a
 * hash that is refused. Proofs that the verifier refuses need a real chain: test/activities/sequence/gate.test.ts.
 */
import { describe, expect, test } from 'vitest'
import type { WaitCode } from '../../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'
import type { ModelChain } from '../model/contract.ts'
import { type BlockEvent, QUIET, type Setting } from '../model/events.ts'
import { doomed, World } from '../model/world.ts'

interface Story {
  condition: WaitCode | null
  why: string
  setting?: Partial<Setting>
  /** First blocks; quiet ones follow. */
  blocks: Partial<BlockEvent>[]
  blind(view: SequenceView, world: World): SequenceView
  /** Penalties of the two miners, or what the blind one's hash is refused with. */
  lost: { seeing: number; blind: number | string }
}

const quiet = (count: number): Partial<BlockEvent>[] => Array.from({ length: count }, () => ({}))
const asleep = (sequence: number, count: number): Partial<BlockEvent>[] =>
  quiet(count).map(() => ({ asleep: sequence }))
const down = (count: number): Partial<BlockEvent>[] => quiet(count).map(() => ({ isMinerDown: true }))
/** Posts the second sequence at the beginning of these blocks. */
const withOnePosted = (blocks: Partial<BlockEvent>[]): Partial<BlockEvent>[] =>
  blocks.map((block, i) => ({ ...block, posts: i === 0 }))

/** What a miner doesn't see only while it has no hash out: afterwards it proves as well as it can. */
const beforeCommit =
  (blind: (view: SequenceView, world: World) => Partial<SequenceView>) =>
  (view: SequenceView, world: World): SequenceView =>
    view.atHead.own === null ? { ...view, ...blind(view, world) } : view

const limits = { confirmations: 0, blocksPerSequence: 1, marginBlocks: 1, maxCommitAhead: 2 }

const STORIES: Story[] = [
  {
    condition: 'sequencing-not-deep',
    why: 'a reorg brings other data, and the hash of the old lands again',
    setting: { limits: { ...limits, confirmations: 4 } },
    blocks: [...quiet(3), { reorgDepth: 3, relands: false, hasOtherData: true }, {}],
    blind: beforeCommit(() => ({ sequencedAtBlock: -9 })),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: null, // while there is no proof the step is to make one
    why: 'the proof whose hash is out is in no store',
    setting: { provingBlocks: 40 },
    blocks: [],
    blind: beforeCommit(({ expectedAccInputHash }) => ({
      finalProof: {
        sha256: '0x',
        size: 1,
        proofHash: `0xbeef${expectedAccInputHash.slice(2)}`,
        isInBothStores: true,
        isAcceptedByContract: null,
      },
    })),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'predecessor-uncommitted',
    why: 'nobody verifies the one before it',
    setting: { sequences: 2 },
    blocks: [{ cancels: true, sequence: 0 }],
    blind: beforeCommit(() => ({ predecessors: [] })),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'predecessor-windows-tight',
    why: "the window of a rival's older round ends before the one before it can be proved",
    setting: { sequences: 2, t1: 8, t2: 4, provingBlocks: 6 },
    blocks: [...quiet(2), { rival: 'commit', sequence: 1 }],
    blind: beforeCommit(() => ({ predecessors: [] })),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'too-far-ahead',
    why: 'what goes wrong with one costs all that stand behind it',
    setting: { sequences: 3, limits: { ...limits, maxCommitAhead: 0 } },
    blocks: [...quiet(6), ...down(40)],
    blind: (view) => ({ ...view, limits: { ...view.limits, maxCommitAhead: 9 } }),
    lost: { seeing: 1, blind: 3 },
  },
  {
    condition: 'contract-paused',
    why: 'the contract refuses hashes',
    blocks: [{}, { admin: 'pause' }],
    blind: (view) => ({ ...view, isContractPaused: false }),
    lost: { seeing: 0, blind: 'OnlyNotEmergencyState' },
  },
  {
    condition: 'stake-short',
    why: 'there is nothing to lock',
    setting: { stake: 9 },
    blocks: [],
    blind: (view) => ({ ...view, funds: { ...view.funds, stakeWei: `${10n ** 20n}` } }),
    lost: { seeing: 0, blind: 'InsufficientPledge' },
  },
  {
    condition: 'balance-short',
    why: 'the hash is paid, its proof can not be',
    setting: { coins: 5 },
    blocks: [],
    blind: (view) => ({ ...view, funds: { ...view.funds, balanceWei: '99' } }),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'balance-short',
    why: 'one of two hashes that are out can be proved',
    setting: { coins: 19, sequences: 2 },
    blocks: [],
    blind: (view) => ({ ...view, funds: { ...view.funds, liabilities: [] } }),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'old-hash-counts',
    why: '2023: longer windows make an old hash count again, in a round that a rival opened',
    setting: { variant: 'loose', t1: 2, t2: 4 },
    blocks: [...quiet(3), ...down(8), { isMinerDown: true, rival: 'commit', admin: 'windows', t1: 6, t2: 10 }],
    blind: (view) => ({ ...view, atHead: { ...view.atHead, own: null } }),
    lost: { seeing: 1, blind: 'CommittedProofHash' },
  },
  {
    condition: 'late-proof-owed',
    why: '2023: a late miner is fined in its next call, unless that is the late proof, whose sequence has not looked yet',
    setting: { variant: 'loose', sequences: 2 },
    // Our hash is of block 3, and T1 + T2 is 12. A rival proves in block 9, and we are back in block 17.
    blocks: [
      ...withOnePosted([
        ...quiet(3),
        { rival: 'commit' },
        ...down(4),
        { isMinerDown: true, rival: 'prove' },
        ...down(7),
      ]),
      ...asleep(0, 4),
    ],
    blind: (view) => ({ ...view, owedLateProofs: [] }),
    lost: { seeing: 0, blind: 1 },
  },
  {
    condition: 'commit-window-closing',
    why: 'a full block keeps the hash waiting for the one that takes no more of them',
    setting: { provingBlocks: 4, limits: { ...limits, marginBlocks: 2 } },
    // A rival's round is of block 2. It takes hashes up to block 6, for which our proof is ready.
    blocks: [{}, { rival: 'commit' }, ...quiet(3), { isFull: true }],
    blind: (view) => ({ ...view, limits: { ...view.limits, marginBlocks: 0 } }),
    lost: { seeing: 0, blind: 'CommittedTimeout' },
  },
]

describe('a miner that is blind for what the gate sees', () => {
  test.each(STORIES)('$condition: $why', ({ condition, setting, blocks, blind, lost }) => {
    const whole: Setting = { ...SETTING, ...setting }
    const seeing = tell(new World(whole), blocks)
    expect(seeing).toMatchObject({ lost: lost.seeing })
    if (condition !== null) expect(seeing.codes).toContain(condition)
    expect(tell(new BlindWorld(whole, blind), blocks).lost).toEqual(lost.blind)
  })
})

const SETTING: Setting = {
  ...{ variant: 'strict', t1: 4, t2: 8, lateBlocks: 6, sequences: 1, stake: 1_000, coins: 1_000, provingBlocks: 0 },
  limits,
}

class BlindWorld extends World {
  private readonly blind: Story['blind']

  constructor(setting: Setting, blind: Story['blind']) {
    super(setting)
    this.blind = blind
  }

  override view(index: number, chain?: ModelChain): SequenceView {
    return this.blind(super.view(index, chain), this)
  }
}

/**
 * Plays the story and 60 quiet blocks. @returns penalties, or the error of a refused hash; and what was waited for on
 * the way.
 */
function tell(world: World, blocks: readonly Partial<BlockEvent>[]): { lost: number | string; codes: string[] } {
  const codes = new Set<string>()
  try {
    for (const block of [...blocks, ...quiet(60)]) {
      world.step({ ...QUIET, ...block })
      for (const loop of world.loops) if (loop?.lastStep?.kind === 'wait') codes.add(loop.lastStep.code)
    }
  } catch (error) {
    const refused = /refused: (\w+)$/.exec(String(error))?.[1]
    if (refused === undefined) throw error
    return { lost: refused, codes: [...codes] }
  }
  return { lost: world.refusedLate[0] ?? doomed(world.head).length, codes: [...codes] }
}
