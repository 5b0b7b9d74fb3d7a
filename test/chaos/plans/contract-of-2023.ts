import fc from 'fast-check'

/** By this name a plan is asked for in which a rollup has a contract with the rules of 2023. */
export const OF_2023 = 'contract-of-2023'

/** From that seed on plans have one. Those before go on drawing what they drew. */
export const FIRST_SEED_OF_2023 = 20_000

/** From that seed on a quarter of them do, not all. */
export const FIRST_SEED_OF_A_QUARTER = 40_000

/** Added to the seed, so that it is drawn by itself and nothing else of a plan depends on it. */
const SEED_OFFSET = 2_000_003

/** Draws which rollups, by index, have one, of at most two. @param isAsked somebody wants such a plan. */
export function drawOf2023(seed: number, isAsked: boolean): number[] {
  const choice = fc.record({ isMeant: fc.nat(3).map((one) => one === 0), which: fc.constantFrom([0], [1], [0, 1]) })
  const [drawn] = fc.sample(fc.noBias(choice), { seed: seed + SEED_OFFSET, numRuns: 1 })
  if (drawn === undefined) throw new Error('unreachable: one was asked for')
  return drawn.isMeant || isAsked || seed < FIRST_SEED_OF_A_QUARTER ? [...drawn.which] : []
}
