import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Address, createPublicClient, http, numberToHex, parseEther } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { SetupReport } from '../../setup/step.ts'
import { managedPart } from '../managed-part.ts'
import type { NodePart } from '../part.ts'
import { freePort } from '../ports.ts'
import { type ManagedProcess, startProcess } from '../processes/process.ts'
import { obtainGeth } from './geth-cache.ts'
import { MNEMONIC } from './mnemonic.ts'

export interface GethOptions {
  /** @default 1337, that of geth's own development chain */
  chainId?: number
  /** @default a free one */
  port?: number
  /** Seconds between blocks. Without it every transaction is mined at once, in a block of its own. */
  blockTimeSeconds?: number
  /** Number of funded accounts, 10,000 coins each; the same ones as anvil's. @default 10 */
  accounts?: number
  /** Further flags of geth. */
  extraArgs?: string[]
  /** Hears of the set-up, if geth has to be built first. */
  report?: SetupReport
}

interface Launch {
  program: string
  dataFolder: string
  logFile: string
  port: number
  rpcUrl: string
  blockTimeSeconds: number
  extraArgs: string[]
}

/** The limit of a main network, which a deployment needs: under the newest fork every stored byte of code costs gas. */
const BLOCK_GAS_LIMIT = 60_000_000

/**
 * Starts geth's development chain with its data in `<dataDir>/geth`, reachable at 127.0.0.1 only. Its rules are those
 * of the newest fork that geth has; it keeps the states of all blocks. After a SIGKILL it lacks the last few blocks, as
 * it does in the field: what was in them is gone.
 */
export async function startGeth(dataDir: string, options: GethOptions = {}): Promise<NodePart> {
  const program = await obtainGeth(options.report ?? (() => {}), new AbortController().signal)
  const chainId = options.chainId ?? 1337
  const port = await freePort(options.port)
  const dataFolder = join(dataDir, 'geth')
  await initialise({ program, dataFolder, chainId, accounts: options.accounts ?? 10 })
  const launch = {
    ...{ program, dataFolder, port, logFile: join(dataDir, 'logs', 'geth.log'), rpcUrl: `http://127.0.0.1:${port}` },
    ...{ blockTimeSeconds: options.blockTimeSeconds ?? 0, extraArgs: options.extraArgs ?? [] },
  }
  const part = managedPart({ name: 'geth', launch: () => launchGeth(launch) })
  await part.start()
  return Object.assign(part, { rpcUrl: launch.rpcUrl, chainId })
}

/**
 * Writes the first block beside its place and moves it there. It is geth's own one for development, with our accounts
 * and a larger block.
 */
async function initialise(p: {
  program: string
  dataFolder: string
  chainId: number
  accounts: number
}): Promise<void> {
  if (existsSync(p.dataFolder)) return
  const unfinished = `${p.dataFolder}.part`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const { stdout } = await run(p.program, ['--dev', 'dumpgenesis'])
  const genesis = JSON.parse(stdout)
  genesis.config.chainId = p.chainId
  genesis.gasLimit = numberToHex(BLOCK_GAS_LIMIT)
  for (let i = 0; i < p.accounts; i++) genesis.alloc[addressOf(i)] = { balance: numberToHex(parseEther('10000')) }
  const file = join(unfinished, 'genesis.json')
  await writeFile(file, JSON.stringify(genesis))
  await run(p.program, ['init', '--datadir', unfinished, '--state.scheme', 'hash', file])
  await rename(unfinished, p.dataFolder)
}

const run = promisify(execFile)

const addressOf = (addressIndex: number): Address => mnemonicToAccount(MNEMONIC, { addressIndex }).address

function launchGeth(p: Launch): Promise<ManagedProcess> {
  return startProcess({
    name: 'geth',
    command: p.program,
    args: [
      ...['--dev', '--dev.period', String(p.blockTimeSeconds), '--miner.gaslimit', String(BLOCK_GAS_LIMIT)],
      ...['--datadir', p.dataFolder, '--ipcdisable', '--port', '0'],
      ...['--state.scheme', 'hash', '--gcmode', 'archive'],
      ...[
        '--http',
        '--http.addr',
        '127.0.0.1',
        '--http.port',
        String(p.port),
        '--http.api',
        'eth,net,web3,txpool,debug,testing',
      ],
      ...['--verbosity', '2', ...p.extraArgs],
    ],
    logFile: p.logFile,
    graceMs: 30_000, // it closes its database
    ready: () => createPublicClient({ transport: http(p.rpcUrl, { retryCount: 0 }) }).getChainId(),
  })
}
