import { once } from 'node:events'
import { connect as connectTo, createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../db/connect.ts'
import { assertMigrated } from '../../db/migrate.ts'
import { freePort } from '../../dev/stack/ports.ts'
import { openTestDatabase } from './fixtures.ts'

/** What a pool may let go by before it tries again, however long Postgres was away. The driver's own pause grows to 20 s. */
const LONGEST_PAUSE_MS = 2_000

test('after many refused connections the next one is tried within two seconds, and serves', async () => {
  const { url } = await openTestDatabase()
  const address = new URL(url)
  const target = Number(address.port)
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
  await forward(port, target)
  const served = assertMigrated(pool.db)
  await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS)
  await served
})

// Helpers

/** Listens on a port and passes on what comes to another. */
async function forward(from: number, to: number): Promise<void> {
  const server = createServer((socket) => {
    const onward = connectTo(to, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => end.destroy())
  })
  server.listen(from, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
}
