/** A fixed set that meets every fault and every rival; a run of them fails when a fault hit nothing. Draw others when plans change. */
export const CI_SEEDS: readonly number[] = [1254, 994, 1321, 64, 247, 878, 3944, 2073, 2242, 1617, 202, 208]
