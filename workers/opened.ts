import type { Connection } from '@temporalio/client'
import type { Chain } from '../chain/create-chain.ts'
import type { ChainConfig, OperatorConfig, TemporalConfig } from '../config/types.ts'
import type { Executor } from '../protocol/proof/replay.ts'
import type { RollupKind } from '../protocol/proof/rollup-kind.ts'
import { COMMAND_NAME, openChain, openStores, type Stores } from './connections.ts'
import { createExecutionThread } from './execution/execution-thread.ts'
import { kindFactory } from './kinds/kinds.ts'
import { connectTemporal } from './temporal/connect-temporal.ts'

/** What the connections of clients and of workers have alike. */
export type TemporalConnection = Pick<Connection, 'workflowService' | 'operatorService' | 'close'>

/**
 * All that a configuration points to: each is opened when it is first asked for, and once. What is checked is what is
 * worked with.
 */
export interface Opened<Temporal extends TemporalConnection = TemporalConnection> extends Stores<Temporal> {
  /** @throws InvalidChainConfigError */
  chain(config: ChainConfig): Chain
  /** Gives a kind with its circuits and keys, for all its rollups. @throws what making it throws, to each who asks. */
  kind(name: string): Promise<RollupKind>
  /** Executes batches of a kind in this process' one thread for that. @throws UnknownKindError */
  executor(kind: string): Executor
}

/** Opens nothing yet. */
export function openLazily<Temporal extends TemporalConnection>(
  config: OperatorConfig,
  p: { applicationName: string; connectTemporal(config: TemporalConfig): Promise<Temporal> },
): Opened<Temporal> {
  const stores = openStores(config, p)
  const execution = createExecutionThread()
  return {
    ...stores,
    chain: onceByName(openChain, ({ name }) => name),
    kind: onceByName(
      async (name) => kindFactory(name).createKind(config),
      (name) => name,
    ),
    executor: (kind) => execution.executorOf(kindFactory(kind).module),
    close: async () => void (await Promise.all([execution.close(), stores.close()])),
  }
}

/** Runs `use` for a command, and closes what it has opened. */
export async function withOpened<T>(config: OperatorConfig, use: (opened: Opened) => Promise<T>): Promise<T> {
  const connect = async (temporal: TemporalConfig) => (await connectTemporal(temporal)).connection as Connection
  const opened = openLazily(config, { applicationName: COMMAND_NAME, connectTemporal: connect })
  return use(opened).finally(() => opened.close())
}

function onceByName<Asked, Made>(make: (asked: Asked) => Made, nameOf: (asked: Asked) => string) {
  const made = new Map<string, Made>()
  return (asked: Asked): Made => {
    const known = made.get(nameOf(asked)) ?? make(asked)
    made.set(nameOf(asked), known)
    return known
  }
}
