import type { FaultName } from '../plan.ts'
import { baseFeeUp, reorg } from './chain.ts'
import type { ChaosFault } from './fault.ts'
import { aggregatorKilled, postgresGone, postgresKilled, proverKilled, temporalKilled } from './processes.ts'
import { rpc5xx, rpc429, rpcAnswerLost, rpcHangs, rpcStale } from './rpc.ts'

export const FAULTS: Record<FaultName, ChaosFault> = {
  'aggregator-killed': aggregatorKilled,
  'prover-killed': proverKilled,
  'temporal-killed': temporalKilled,
  'postgres-killed': postgresKilled,
  'postgres-gone': postgresGone,
  'rpc-answer-lost': rpcAnswerLost,
  'rpc-hangs': rpcHangs,
  'rpc-429': rpc429,
  'rpc-5xx': rpc5xx,
  'rpc-stale': rpcStale,
  'base-fee-up': baseFeeUp,
  reorg,
}
