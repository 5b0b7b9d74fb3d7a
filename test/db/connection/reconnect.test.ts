import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../../db/connection/connect.ts'
import { assertMigrated } from '../../../db/deployment/migrate.ts'
import { freePort } from '../../../dev/stack/ports.ts'
import { startTcpProxy } from '../../support/rpc/tcp-proxy.ts'
import { openTestDatabase } from '../fixtures.ts'

/**
 * What a pool may let go by before it tries again, however long Postgres was away. The driver's own pause grows to 20
 * s.
 */
const LONGEST_PAUSE_MS = 2_000

test('after many refused connections the next one is tried within two seconds, and serves', async () => {
  const { url } = await openTestDatabase()
  const address = new URL(url)
  const target = `127.0.0.1:${address.port}`
  const port = await freePort()
  address.port = `${port}`
  const pool = connect(address.href, { maxConnections: 1 })
  onTestFinished(() => pool.close())
  // The pauses are the driver's timers; sockets don't wait for them.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  for (let refused = 0; refused < 12; refused += 1) {
    const asked = expect(assertMigrated(pool.db)).rejects.toMatchObject({ name: 'DatabaseUnreachableError' })
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS)
    await asked
  }
  await startTcpProxy(target, { port })
  const served = assertMigrated(pool.db)
  await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS)
  await served
})
