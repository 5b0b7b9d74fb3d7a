import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createPublicClient, hexToBytes, http } from 'viem'
import { managedPart } from '../managed-part.ts'
import type { NodePart } from '../part.ts'
import { freePort } from '../ports.ts'
import { type ManagedProcess, startProcess } from '../processes/process.ts'

export interface AnvilOptions {
  /** @default 31337 */
  chainId?: number
  /** @default a free one */
  port?: number
  /** Seconds between blocks. Without it every transaction is mined at once, in a block of its own. */
  blockTimeSeconds?: number
  /** Number of funded accounts. @default 10 */
  accounts?: number
  /** Where the funded accounts come from. @default anvil's own well-known one */
  mnemonic?: string
  /** Sets the distance of the `safe` (this) and `finalized` (twice this) blocks behind the head. @default anvil's 32 */
  slotsInAnEpoch?: number
  /**
   * Keeps the state of every block over a restart, not only that of the last one. The file then grows by all accounts
   * and code per block, so it is off for chains that run for hours and are not restarted. @default true
   */
  keepsHistory?: boolean
  /** Further flags of anvil. */
  extraArgs?: string[]
}

interface Launch extends AnvilOptions {
  chainId: number
  port: number
  folder: string
  logFile: string
  rpcUrl: string
}

/** Starts an anvil chain whose state is in `<dataDir>/anvil`, reachable at 127.0.0.1 only. */
export async function startAnvil(dataDir: string, options: AnvilOptions = {}): Promise<NodePart> {
  const chainId = options.chainId ?? 31337
  const port = await freePort(options.port)
  const folder = join(dataDir, 'anvil')
  await mkdir(folder, { recursive: true })
  const launch = {
    ...options,
    chainId,
    port,
    folder,
    logFile: join(dataDir, 'logs', 'anvil.log'),
    rpcUrl: `http://127.0.0.1:${port}`,
  }
  // A suspended anvil can't be asked for its state; then it is lost since the last orderly end.
  const part = managedPart({
    name: 'anvil',
    launch: () => launchAnvil(launch),
    beforeKill: () => saveState(launch).catch(() => {}),
  })
  await part.start()
  return Object.assign(part, { rpcUrl: launch.rpcUrl, chainId })
}

function launchAnvil(p: Launch): Promise<ManagedProcess> {
  return startProcess({
    name: 'anvil',
    command: findAnvil(),
    args: anvilArgs(p),
    logFile: p.logFile,
    graceMs: 30_000, // it writes its state
    ready: () => clientOf(p).getChainId(),
  })
}

function anvilArgs(p: Launch): string[] {
  const flags = {
    '--host': '127.0.0.1',
    '--port': p.port,
    '--chain-id': p.chainId,
    '--state': stateFile(p), // it is read at start, and written at an orderly end
    '--cache-path': p.folder, // its default is below the home folder
    '--block-time': p.blockTimeSeconds,
    '--accounts': p.accounts,
    '--mnemonic': p.mnemonic,
    '--slots-in-an-epoch': p.slotsInAnEpoch,
  }
  const given = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]))
  const history = p.keepsHistory === false ? [] : ['--preserve-historical-states']
  // Anvil is quiet, since it would write the accounts' keys into its log.
  return [...given, '--quiet', ...history, ...(p.extraArgs ?? [])]
}

/**
 * Finds the program itself: the package's own command is a script around it, which a SIGKILL would end without the
 * program.
 */
function findAnvil(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'))
  const platform = process.platform === 'win32' ? 'win32' : process.platform
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return require.resolve(`@foundry-rs/anvil-${platform}-${arch}/bin/anvil${platform === 'win32' ? '.exe' : ''}`)
}

/** Writes the state before a SIGKILL. A real node has every block on disk, but anvil writes only at an orderly end. */
async function saveState(p: Launch): Promise<void> {
  const dump = await clientOf(p).request<{
    Method: 'anvil_dumpState'
    Parameters: [boolean]
    ReturnType: `0x${string}`
  }>({
    method: 'anvil_dumpState',
    params: [p.keepsHistory ?? true],
  })
  const unfinished = `${stateFile(p)}.part`
  await writeFile(unfinished, gunzipSync(hexToBytes(dump)))
  await rename(unfinished, stateFile(p))
}

function stateFile(p: Launch): string {
  return join(p.folder, 'state.json')
}

/** Longest time that writing the state of hundreds of blocks takes, ms. */
const DUMP_MS = 60_000

function clientOf(p: Launch) {
  return createPublicClient({
    transport: http(p.rpcUrl, { retryCount: 0, timeout: DUMP_MS, maxResponseBodySize: false }),
  })
}
