import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { createTestClient, http, publicActions, walletActions } from 'viem'
import { foundry } from 'viem/chains'

/** A running anvil. `stop` is idempotent and resolves when the process is gone. */
export type Anvil = { url: string; port: number; stop(): Promise<void> }

/**
 * Starts anvil on a free port (it chooses itself) and waits until it listens. It ends with `stop()`, and also when this
 * process dies in whatever way: a shell waits for the end of its standard input, which only we hold open, and kills it.
 * @param args Further command line arguments, e.g. `['--no-mining']`.
 */
export async function startAnvil(args: readonly string[] = []): Promise<Anvil> {
  const watch = '"$0" "$@" </dev/null & child=$!; cat >/dev/null; kill -9 "$child"; wait "$child" 2>/dev/null'
  const shell = spawn('sh', ['-c', watch, anvilBinary(), '--port', '0', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = await listeningPort(shell)
  shell.stdout.resume() // a full pipe would block anvil
  return { url: `http://127.0.0.1:${port}`, port, stop: () => stop(shell) }
}

/** Makes a client that reads an anvil, sends to it and has it mine. */
export const anvilClient = (url: string) =>
  createTestClient({ mode: 'anvil', chain: foundry, transport: http(url) })
    .extend(publicActions)
    .extend(walletActions)

/** Finds the native binary: the package's own launcher would leave it behind when killed. */
function anvilBinary(): string {
  const platform = { linux: 'linux', darwin: 'darwin' }[process.platform as string] ?? 'win32'
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const launcher = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  return createRequire(launcher).resolve(`@foundry-rs/anvil-${platform}-${architecture}/bin/anvil`)
}

async function listeningPort(shell: ChildProcess): Promise<number> {
  if (shell.stdout === null) throw new Error('anvil was started without a pipe.')
  for await (const line of createInterface({ input: shell.stdout })) {
    const port = /^Listening on .*:(\d+)$/.exec(line)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error('anvil ended before it listened.')
}

function stop(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return Promise.resolve()
  const gone = new Promise<void>((resolve) => shell.once('exit', () => resolve()))
  shell.stdin?.end()
  return gone
}
