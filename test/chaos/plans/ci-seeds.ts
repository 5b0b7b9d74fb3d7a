/**
 * A fixed set that meets every fault, every rival and every habit of endpoints; a run of them fails when a fault hits
 * nothing twice. Draw others when plans change.
 */
export const CI_SEEDS: readonly number[] = [
  1208, 994, 1321, 4005, 5100, 5596, 4148, 97, 1599, 1658, 5042, 3813, 865, 4642, 138, 631, 20042, 11292, 34796, 10307,
  12757,
]

/**
 * Drawn for geth, where no block is replaced: a node that dies, a full market, endpoints that lie, rivals, an
 * emergency.
 */
export const CI_SEEDS_ON_GETH: readonly number[] = [13888, 10698, 10139, 13854]
