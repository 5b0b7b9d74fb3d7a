import type { ChaosFault } from './fault.ts'

const nothing = async () => {}

export const aggregatorKilled: ChaosFault = {
  name: 'aggregator-killed',
  lasts: false,
  inject: async ({ aggregator }) => aggregator.kill(),
  heal: nothing, // its supervisor starts it again
}

export const proverKilled: ChaosFault = {
  name: 'prover-killed',
  lasts: false,
  inject: async ({ provers }, { victim }) => provers[victim % provers.length]?.kill(),
  heal: nothing,
}

export const temporalKilled: ChaosFault = {
  name: 'temporal-killed',
  lasts: false,
  inject: ({ stack }) => stack.temporal.kill('SIGKILL'),
  heal: ({ stack }) => stack.temporal.start(),
}

export const postgresKilled: ChaosFault = {
  name: 'postgres-killed',
  lasts: false,
  inject: ({ stack }) => stack.postgres.kill('SIGKILL'),
  heal: ({ stack }) => stack.postgres.start(),
}

export const postgresGone: ChaosFault = { ...postgresKilled, name: 'postgres-gone', lasts: true }
