import { inject } from 'vitest'
import { createDatabase } from '../../dev/stack/postgres/postgres.ts'
import { uniqueName } from './names.ts'

/**
 * Makes an empty database on the run's Postgres and answers its address with the superuser. It goes away with the
 * server.
 */
export async function createTestDatabase(): Promise<string> {
  const adminUrl = inject('postgresAdminUrl')
  const name = uniqueName('zkpow_test')
  await createDatabase(adminUrl, name)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}
