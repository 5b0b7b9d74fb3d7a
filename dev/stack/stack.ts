import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type AnvilOptions, type AnvilPart, startAnvil } from './anvil.ts'
import { allOrNone, stopInTurn } from './part.ts'
import { type PostgresOptions, type PostgresPart, startPostgres } from './postgres.ts'
import { startTemporal, type TemporalOptions, type TemporalPart } from './temporal.ts'

export interface StackOptions {
  /** Folder for databases, chain state, logs and the database password. Made if missing; a later start continues with what is there. */
  dataDir: string
  postgres?: PostgresOptions
  anvil?: AnvilOptions
  temporal?: TemporalOptions
}

/** The three servers, running. They end at the latest when our process does, even if it is killed. */
export interface Stack {
  readonly dataDir: string
  readonly postgres: PostgresPart
  readonly anvil: AnvilPart
  readonly temporal: TemporalPart
  /** Contains a password. */
  readonly postgresUrl: string
  readonly rpcUrl: string
  readonly temporalAddress: string
  /** Undefined if TEMPORAL_ADDRESS names the server. */
  readonly temporalUiUrl: string | undefined
  /** Stops Temporal, then anvil, then Postgres, each in an orderly way. */
  stop(): Promise<void>
}

/** Starts Postgres, anvil and Temporal's dev server on free ports of 127.0.0.1 and waits until all three answer. If one fails, none stays. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true })
  const [postgres, anvil, temporal] = await allOrNone([
    startPostgres(dataDir, options.postgres),
    startAnvil(dataDir, options.anvil),
    startTemporal(dataDir, options.temporal),
  ])
  return {
    ...{ dataDir, postgres, anvil, temporal },
    postgresUrl: postgres.url,
    rpcUrl: anvil.rpcUrl,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    stop: () => stopInTurn([temporal, anvil, postgres]),
  }
}
