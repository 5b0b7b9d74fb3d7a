/** A fixed set that meets every fault while something is posted, and every rival; plan.test.ts says so. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [5176, 3903, 5465, 5246, 1076, 5023, 3423, 5278, 4087, 1103]
