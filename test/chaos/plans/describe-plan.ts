import type { Plan } from './plan.ts'

/** Describes a plan in words, a line each. */
export function describePlan(plan: Plan): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  return [
    `seed ${plan.seed}: ${plan.rollups} rollups${plan.sharesAccount ? ' of one account' : ''}, ${plan.endpoints} endpoints, ${plan.provers} provers, final after ${plan.finalityBlocks} blocks${plan.node ? ` of ${plan.node}` : ''}${plan.skipsIdleBlocks ? '' : ', none of which is skipped'}`,
    ...(plan.of2023 ?? []).map((rollup) => `  rollup ${rollup} has a contract of 2023`),
    ...plan.sequences.map((one) => `  at ${seconds(one.atMs)}: rollup ${one.rollup} posts ${one.batches} batches`),
    ...plan.faults.map(
      (one) =>
        `  ${seconds(one.afterMs)} after sequence ${one.sequence + 1} is ${one.milestone}: ${one.name} for ${seconds(one.forMs)}, depth ${one.depth}, victim ${one.victim}`,
    ),
    ...plan.rivals.map((one) => `  ${one.name} on the sequence posted as number ${one.sequence + 1}`),
    ...(plan.habits.length === 0 ? [] : [`  endpoints with the habits ${plan.habits.join(', ')}`]),
  ]
}
