import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextStep } from '../../../protocol/sequence/next-step.ts'
import { copyChain } from './contract.ts'
import { type BlockEvent, QUIET, type Setting } from './events.ts'
import { doomed, type Loop, owesAny, World } from './world.ts'

describe.each(['strict', 'loose'] as const)('a miner that follows nextStep, %s contract', (variant) => {
  test('is never penalised and always paid by a calm chain, whatever rivals, admins and operators do', () => {
    // A contract of 2023 is calm only while its admin leaves it alone: it changes the rules of open rounds.
    const admins = variant === 'strict' ? ADMINS : (['none'] as const)
    fc.assert(
      fc.property(
        settings(variant),
        fc.array(events({ admins, isCalm: true }), { minLength: 15, maxLength: 60, size: 'max' }),
        (setting, story) =>
          check(setting, story, (world) => {
            expect(doomed(world.head)).toEqual([])
            expectAllDone(world)
            expect(world.loops.map((loop) => loop?.outcome)).not.toContain('late-deadline-missed')
          }),
      ),
      { numRuns: 250 },
    )
  })

  test('never misses a proof that could be given, and ends, through reorgs, outages and changed rules', () => {
    fc.assert(
      fc.property(
        settings(variant),
        fc.array(events({ admins: ADMINS, isCalm: false }), { minLength: 15, maxLength: 60, size: 'max' }),
        (setting, story) =>
          check({ ...setting, stake: 10_000 }, story, (world) => {
            expect(doomed(world.head).filter((fine) => fine.wasProvable)).toEqual([])
            expectAllDone(world)
          }),
      ),
      { numRuns: 250 },
    )
  })

  test('loses nothing by sleeping until the block that a wait names', () => {
    fc.assert(
      fc.property(
        settings(variant),
        fc.array(events({ admins: ADMINS, isCalm: false }), { minLength: 5, maxLength: 30, size: 'max' }),
        (setting, story) => {
          const world = new World({ ...setting, stake: 10_000, coins: 10_000 })
          for (const event of story) {
            world.step(event)
            world.loops.forEach((loop, index) => {
              if (loop?.outcome === null) expectSoundSleep(world, index)
            })
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

const ADMINS = ['none', 'windows', 'pause', 'resume'] as const

/** Enough quiet blocks for every round, deadline and finality that can be open. */
const QUIET_BLOCKS = 200

function play(world: World, story: readonly BlockEvent[]): void {
  for (const event of story) world.step(event)
  for (let i = 0; i < QUIET_BLOCKS; i += 1) world.step({ ...QUIET, admin: 'resume', topsUp: true, ...rivalFor(world) })
  // Where late proofs have no deadline and a reorg changed the data under our hash, an operator ends the wait.
  for (const [index, loop] of world.loops.entries()) if (isUnmatched(loop)) world.cancelled.add(index)
  world.step(QUIET)
}

const isUnmatched = (loop: Loop | null): boolean =>
  loop?.lastStep?.kind === 'wait' && loop.lastStep.code === 'commitment-unmatched'

/** Plays and checks. A failure tells the story block by block. */
function check(setting: Setting, story: readonly BlockEvent[], expectGood: (world: World) => void): void {
  const world = new World(setting)
  try {
    play(world, story)
    expectGood(world)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${tell(world.log)}`, { cause: error })
  }
}

/** Tells the log without blocks that only repeat the one before. */
const tell = (log: readonly string[]): string => {
  const text = (line: string | undefined) => line?.replace(/^\d+/, '')
  return log.filter((line, i) => text(line) !== text(log[i - 1])).join('\n')
}

/** Has a rival prove in the end what our operator cancelled: those behind it can't go on otherwise. */
function rivalFor(world: World): Pick<BlockEvent, 'rival' | 'sequence'> {
  const sequence = world.head.sequences.findIndex((s) => !s.isVerified)
  if (!world.cancelled.has(sequence)) return { rival: 'none', sequence: 0 }
  return { rival: world.head.number % 2 === 0 ? 'prove' : 'commit', sequence }
}

function expectAllDone(world: World): void {
  const open = world.loops.flatMap((loop, index) => (loop?.outcome === null ? [{ index, step: loop.lastStep }] : []))
  expect(open).toEqual([])
  expect(owesAny(world)).toBe(false)
  for (const [index, loop] of world.loops.entries()) {
    const sequence = world.head.sequences[index]
    const own = sequence?.commitments.us ?? null
    const isOwnRound = own !== null && own.round === sequence?.round?.start
    if (loop?.outcome === 'proved') expect(own).toMatchObject({ isProved: true, lock: 0 })
    if (loop?.outcome === 'proved-by-others') expect(isOwnRound && sequence?.isVerified).toBe(false)
    if (world.setting.variant === 'strict' && loop?.outcome === 'proved-by-others') expect(own?.lock ?? 0).toBe(0)
    if (world.setting.variant === 'strict' && isOwnRound && sequence?.isVerified) expect(own.isSettled).toBe(true)
  }
  expect(world.head.claimable).toBe(0)
}

/**
 * Expects that on an empty chain nothing has to be sent before the block that the wait names; with none named, never.
 */
function expectSoundSleep(world: World, index: number): void {
  const step = nextStep(world.view(index))
  if (step.kind !== 'wait') return
  if (step.untilBlock !== null) expect(step.untilBlock).toBeGreaterThan(world.head.number)
  const chain = copyChain(world.head)
  const last = step.untilBlock ?? world.head.number + 60
  while (chain.number + 1 < last) {
    chain.number += 1
    const later = nextStep(world.view(index, chain))
    if (later.kind === 'commit' || later.kind === 'prove')
      throw new Error(`slept through ${later.kind} at ${chain.number}: ${step.why}`)
  }
}

function settings(variant: Setting['variant']): fc.Arbitrary<Setting> {
  return fc.record({
    variant: fc.constant(variant),
    t1: fc.integer({ min: 2, max: 6 }),
    t2: fc.integer({ min: 5, max: 10 }), // less than blocksPerSequence + marginBlocks takes no hash
    lateBlocks: fc.integer({ min: 0, max: 12 }),
    sequences: fc.integer({ min: 1, max: 3 }),
    // The stakes range from one lock at a time to plenty; a commit asks for 10 unlocked and 5 in all.
    stake: fc.constantFrom(10, 15, 20, 1000),
    // The coins range from one sequence at a time to plenty; a commit asks for 10 besides what is owed.
    coins: fc.constantFrom(10, 17, 24, 1000),
    provingBlocks: fc.integer({ min: 0, max: 6 }),
    limits: fc.record({
      confirmations: fc.integer({ min: 0, max: 3 }),
      blocksPerSequence: fc.integer({ min: 1, max: 3 }),
      marginBlocks: fc.integer({ min: 1, max: 2 }),
      maxCommitAhead: fc.integer({ min: 0, max: 2 }),
    }),
  })
}

function events({
  admins,
  isCalm,
}: {
  admins: readonly BlockEvent['admin'][]
  isCalm: boolean
}): fc.Arbitrary<BlockEvent> {
  const rarely = isCalm ? fc.constant(false) : fc.nat(9).map((n) => n === 0)
  return fc.record({
    rival: fc.constantFrom('none', 'none', 'commit', 'prove', 'settle-ours'),
    sequence: fc.nat(2),
    rivalIsFirst: fc.boolean(),
    admin: fc.constantFrom('none', 'none', 'none', 'resume', ...admins),
    t1: fc.integer({ min: 2, max: 6 }),
    t2: fc.integer({ min: 5, max: 10 }),
    reorgDepth: isCalm
      ? fc.constant(0)
      : fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) }),
    posts: isCalm ? fc.constant(true) : fc.boolean(),
    hasOtherData: rarely,
    isMinerDown: isCalm ? fc.constant(false) : fc.nat(2).map((n) => n === 0),
    cancels: fc.nat(30).map((n) => n === 0),
    pausesOperator: fc.nat(6).map((n) => n === 0),
    relands: fc.boolean(),
    topsUp: fc.nat(9).map((n) => n === 0),
  })
}
