import { named } from '../plans/named.ts'
import * as chain from './chain.ts'
import type { ChaosFault } from './fault.ts'
import * as liars from './liars.ts'
import * as owner from './owner.ts'
import * as postgresCrowded from './postgres-crowded.ts'
import * as postgresFull from './postgres-full.ts'
import * as processes from './processes.ts'
import * as reorgs from './reorgs.ts'
import * as rpc from './rpc.ts'
import * as stores from './stores.ts'

/**
 * Every fault. Plans draw them by their places, so a new one comes last, and says from which seed on it is drawn: then
 * every seed before it goes on drawing what it drew.
 */
export const FAULTS = [
  processes.aggregatorKilled,
  processes.aggregatorGone,
  processes.aggregatorHangs,
  processes.aggregatorTwice,
  processes.proverKilled,
  processes.proverHangs,
  liars.proverLies,
  processes.temporalKilled,
  processes.temporalHangs,
  stores.temporalEmptied,
  processes.postgresKilled,
  processes.postgresGone,
  processes.postgresHangs,
  stores.postgresEmptied,
  postgresFull.postgresFull,
  postgresCrowded.postgresCrowded,
  stores.storesEmptied,
  chain.anvilKilled,
  processes.allKilled,
  rpc.rpcAnswerLost,
  rpc.rpcSwallows,
  rpc.rpcHangs,
  rpc.rpc429,
  rpc.rpc5xx,
  rpc.rpcStale,
  rpc.rpcForked,
  rpc.rpcHidesReceipts,
  rpc.rpcTurnsReceipts,
  rpc.rpcOtherChain,
  rpc.rpcLiesAboutFees,
  chain.baseFeeUp,
  chain.blocksStuffed,
  chain.foreignTransaction,
  reorgs.reorg,
  reorgs.reorgDeep,
  reorgs.reorgDeepest,
  reorgs.reorgUnposts,
  reorgs.reorgLoses,
  reorgs.reorgReposts,
  owner.windowsChanged,
  owner.contractPaused,
  processes.aggregatorHangsAsked,
] as const

export type FaultName = (typeof FAULTS)[number]['name']

export const FAULT_NAMES: readonly FaultName[] = FAULTS.map(({ name }) => name)

export const faultOf = (name: FaultName): ChaosFault => named<ChaosFault>(FAULTS, name)
