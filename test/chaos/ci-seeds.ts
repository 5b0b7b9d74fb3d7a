/** A fixed set that meets every fault while something is posted, and every rival; plan.test.ts says so. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [2208, 5176, 1098, 5442, 570, 4927, 5904, 920, 2414]
