import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * Run-time parameters that PgBouncer 1.18 takes of a new connection; all others it refuses unless its operator says
 * otherwise.
 */
const TAKEN = [
  'user',
  'database',
  'client_encoding',
  'datestyle',
  'timezone',
  'standard_conforming_strings',
  'application_name',
]

/** The protocol's version 3.0, as a start-up packet names it. */
const VERSION = 196_608

/**
 * Passes everything on to a Postgres, but refuses connections as PgBouncer does, until the test has ended. @returns its
 * own address, `host:port`.
 */
export async function startPooler(
  target: { host: string; port: number },
  { host = '127.0.0.1' } = {},
): Promise<string> {
  const server = createServer((down) => {
    const up = connect(target.port, target.host)
    for (const socket of [down, up]) {
      socket.on('error', () => socket.destroy())
      onTestFinished(() => void socket.destroy())
    }
    down.once('data', (first: Buffer) => {
      const unknown = startUpParameters(first).find((name) => !TAKEN.includes(name))
      if (unknown !== undefined) return refuse(down, `unsupported startup parameter: ${unknown}`)
      up.write(first)
      down.pipe(up).pipe(down)
    })
  })
  onTestFinished(() => void server.close())
  server.listen(0, host)
  await once(server, 'listening')
  return `${host}:${(server.address() as AddressInfo).port}`
}

/** Lists the names in a start-up packet; none in a request to cancel something. */
function startUpParameters(packet: Buffer): string[] {
  if (packet.readInt32BE(4) !== VERSION) return []
  const texts = packet.subarray(8).toString('utf8').split('\0')
  return texts.filter((text, i) => i % 2 === 0 && text !== '')
}

/** Refuses with an ErrorResponse, as PgBouncer words it. */
function refuse(socket: Socket, message: string): void {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  socket.end(Buffer.concat([head, fields]))
}
