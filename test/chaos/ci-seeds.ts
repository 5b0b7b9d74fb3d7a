/** A fixed set that meets every fault while something is posted, and every rival; plan.test.ts says so. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [115, 1138, 670, 399, 997, 1200, 4307, 5091]
