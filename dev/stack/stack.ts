import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type AnvilOptions, startAnvil } from './nodes/anvil.ts'
import { type GethOptions, startGeth } from './nodes/geth.ts'
import { allOrNone, type NodePart, stopInTurn } from './part.ts'
import { type PostgresOptions, type PostgresPart, startPostgres } from './postgres/postgres.ts'
import { startTemporal, type TemporalOptions, type TemporalPart } from './temporal/temporal.ts'

export interface StackOptions {
  /**
   * Folder for databases, chain state, logs and the database password. It is made if missing, and a later start
   * continues with what is there.
   */
  dataDir: string
  postgres?: PostgresOptions
  anvil?: AnvilOptions
  /** A geth instead of an anvil. */
  geth?: GethOptions
  temporal?: TemporalOptions
}

/** The three servers, running. They end at the latest when our process does, even if it is killed. */
export interface Stack {
  readonly dataDir: string
  readonly postgres: PostgresPart
  readonly node: NodePart
  readonly temporal: TemporalPart
  /** Contains a password. */
  readonly postgresUrl: string
  readonly rpcUrl: string
  readonly temporalAddress: string
  /** Undefined if TEMPORAL_ADDRESS names the server. */
  readonly temporalUiUrl: string | undefined
  /** Stops Temporal, then the node, then Postgres, each in an orderly way. */
  stop(): Promise<void>
}

/**
 * Starts Postgres, a node and Temporal's dev server on free ports of 127.0.0.1 and waits until all three answer. If one
 * fails, none is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true })
  const [postgres, node, temporal] = await allOrNone([
    startPostgres(dataDir, options.postgres),
    options.geth ? startGeth(dataDir, options.geth) : startAnvil(dataDir, options.anvil),
    startTemporal(dataDir, options.temporal),
  ])
  return {
    ...{ dataDir, postgres, node, temporal },
    postgresUrl: postgres.url,
    rpcUrl: node.rpcUrl,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    stop: () => stopInTurn([temporal, node, postgres]),
  }
}
