import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

interface TcpProxyOptions {
  /** @default a free one */
  port?: number
  /** What clients send is passed on until it holds this; then every connection ends, and none is taken any more. */
  endsAt?: string
  /** Connections are taken, and nothing is passed on before this. @default at once */
  from?: Promise<void>
}

/** Passes everything on to an address, `host:port`, until the test has ended. @returns its own address. */
export async function startTcpProxy(target: string, { port = 0, endsAt, from }: TcpProxyOptions = {}): Promise<string> {
  const [host = '', targetPort] = target.split(':')
  const sockets: Socket[] = []
  const server = createServer((down) => {
    const up = connect(Number(targetPort), host)
    sockets.push(down, up)
    if (endsAt !== undefined) down.on('data', (bytes) => bytes.includes(endsAt) && end())
    for (const socket of [down, up]) socket.on('error', () => socket.destroy())
    const passOn = () => void down.pipe(up).pipe(down)
    if (from === undefined) passOn()
    else void from.then(passOn)
  })
  function end() {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(end)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
