/** A fixed set that meets every fault and every rival; a run of them fails when a fault hit nothing. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [1208, 994, 1321, 2920, 247, 4551, 5346, 217, 1696, 4733, 2147, 1763, 208]
