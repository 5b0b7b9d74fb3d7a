/** A fixed set that meets every fault while something is posted, and every rival; plan.test.ts says so. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [350, 5317, 680, 5025, 5305, 3660, 2122, 1737, 671]
