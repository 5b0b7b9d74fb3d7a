import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { allOrNone, stopInTurn } from '../../dev/stack/part.ts'
import { startPostgres } from '../../dev/stack/postgres/postgres.ts'
import { startTemporal } from '../../dev/stack/temporal/temporal.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's address of the run's Postgres. Tests take a database of their own: `createTestDatabase`. */
    postgresAdminUrl: string
    /** gRPC address of the run's Temporal dev server. Tests take a namespace of their own: `createTestNamespace`. */
    temporalAddress: string
  }
}

/** Starts one Postgres and one Temporal dev server for the whole run. Answers what takes them away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zkpow-test-'))
  const [postgres, temporal] = await allOrNone([
    startPostgres(dataDir, { database: 'postgres', fsync: false }),
    startTemporal(dataDir, { strictPriorities: true, report: (_, text) => console.error(`Temporal: ${text}`) }),
  ])
  project.provide('postgresAdminUrl', postgres.url)
  project.provide('temporalAddress', temporal.address)
  return async () => {
    try {
      await stopInTurn([temporal, postgres])
      await rm(dataDir, { recursive: true, force: true })
    } catch (error) {
      process.exitCode = 1 // Vitest only prints what fails here
      throw error
    }
  }
}
