import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../db/connection/connect.ts'
import { setHold } from '../../db/decisions/holds.ts'
import { recordSequence } from '../../db/decisions/sequences.ts'
import { createTestDatabase } from '../support/database.ts'
import { uniqueName } from '../support/names.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { CONTRACT, MINER } from './support.ts'

const ZKPOW = fileURLToPath(new URL('../../client/zkpow.ts', import.meta.url))

/** Commands are processes of their own, which start slowly on a busy machine. */
const TIMEOUT_MS = 90_000

test(
  'from an empty database to a list: migrate, prover-login, status',
  async () => {
    const url = await createTestDatabase()
    const zkpow = await commandLine({ DATABASE: url })
    expect(await zkpow('migrate')).toMatchObject({ code: 0, stdout: '' })

    const login = uniqueName('machine')
    const made = await zkpow('prover-login', login)
    const address = new URL(made.stdout)
    expect(address).toMatchObject({ username: login, pathname: new URL(url).pathname })
    expect(made.stderr).not.toContain(address.password)
    // The login comes in, and may not write lists.
    await expect(record(address.href)).rejects.toMatchObject({ code: 'ZKPOW-DB-ACCESS' })

    await record(url)
    const listed = await zkpow('status', '--json')
    expect(listed).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^The aggregator doesn't answer: it was never heard of\. [^\n]*\n$/),
    })
    expect(JSON.parse(listed.stdout).sequences).toMatchObject([
      { rollup: 'payments', from: 1, to: 1, phase: 'prepare', proofsNeeded: 2 },
    ])
  },
  TIMEOUT_MS,
)

test(
  'lift: tells what was quarantined, and that nothing is any more',
  async () => {
    const url = await createTestDatabase()
    const zkpow = await commandLine({ DATABASE: url })
    await zkpow('migrate')
    await quarantine(url)
    expect(await zkpow('lift', 'payments/1', '--who', 'ann')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^The sequence was quarantined: the data is damaged\nIt is tried again within/),
    })
    expect(await zkpow('lift', 'payments/1', '--who', 'ann')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing of this sequence is quarantined.'),
    })
  },
  TIMEOUT_MS,
)

test(
  'check: a line for each thing that the configuration points to, the same as JSON, and the exit code of the worst',
  async () => {
    const zkpow = await commandLine({ DATABASE: 'postgres://user@127.0.0.1:1/zkpow' })
    const { code, stdout, stderr } = await zkpow('check', '--json')
    const results: { about: string; status: string; code: string | null }[] = JSON.parse(stdout)
    expect(results).toContainEqual(expect.objectContaining({ about: 'database', code: 'ZKPOW-DB-UNREACHABLE' }))
    expect(results).toContainEqual(expect.objectContaining({ about: 'account miner', status: 'warning', code: null }))
    for (const { about, status } of results)
      expect(stderr).toMatch(new RegExp(`^${status === 'failed' ? 'FAILED' : status} +${about}: `, 'm'))
    expect(code).toBe(1) // no circuits are named, which no time cures
  },
  TIMEOUT_MS,
)

test(
  'a database that is away: exit code 75, and neither stacks nor secrets',
  async () => {
    const zkpow = await commandLine({ DATABASE: 'postgres://user:database-password@127.0.0.1:1/zkpow' })
    const away = await zkpow('status')
    expect(away).toMatchObject({ code: 75, stdout: '', stderr: expect.stringContaining('[ZKPOW-DB-UNREACHABLE]') })
    expect(away.stderr).not.toMatch(/\n +at /)
    const verbose = await zkpow('--verbose', 'status')
    expect(verbose.stderr).toMatch(/\n +at /)
    expect(away.stderr + verbose.stderr).not.toContain('database-password')
  },
  TIMEOUT_MS,
)

test(
  'a Temporal that takes connections and says nothing: exit code 75, and the process ends',
  async () => {
    const { temporal, heldMs } = await silentServer()
    const prover = `prover: { name: machine-1, database: { urlEnv: DATABASE } }\n`
    const zkpow = await commandLine({ DATABASE: 'postgres://user@127.0.0.1:1/zkpow' }, { temporal, more: prover })
    expect(await zkpow('prover')).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('[ZKPOW-TEMPORAL-UNREACHABLE]'),
    })
    expect(await heldMs).toBeLessThan(25_000) // Temporal's core would hold it for 30 s
  },
  TIMEOUT_MS,
)

test.each([['--help'], ['stake', '--help'], ['pause', '--help']])(
  'a user without a name, as in a container that runs under any number, may ask: %s',
  async (...args) => {
    const zkpow = await commandLine({ NODE_OPTIONS: `--import=${NAMELESS_USER}` })
    expect(await zkpow(...args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage: zkpow') })
  },
  TIMEOUT_MS,
)

test.each([
  {
    args: ['pause', 'payments', '--reason', 'costs', '--who', 'x'.repeat(201)],
    says: 'Expected a name of at most 200 characters',
  },
  {
    args: ['prover', '--name', '../../x'],
    says: '--name: expected a name of at most 200 characters, without blanks and slashes',
  },
  {
    args: ['prover', '--name', ''],
    says: '--name: expected a name of at most 200 characters, without blanks and slashes',
  },
  { args: ['aggregator'], says: 'accounts.miner.privateKeyEnv: expected a value in the environment variable NOT_SET' },
  { args: ['snapshot', 'import', 'payments', '/nowhere'], says: "/nowhere can't be read: ENOENT." },
  { args: ['snapshot', 'export', 'payments', '--to', 'x', '--batch', '0'], says: 'Expected a batch number from 1.' },
])(
  'is refused: $args',
  async ({ args, says }) => {
    const zkpow = await commandLine(
      { DATABASE: 'postgres://user@127.0.0.1:1/zkpow' },
      { more: `prover: { database: { urlEnv: DATABASE } }\n` },
    )
    expect(await zkpow(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(says) })
  },
  TIMEOUT_MS,
)

/** What Node does where the system has no entry for the user's number. */
const NAMELESS_USER = new URL('fixtures/nameless-user.ts', import.meta.url).href

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Makes a command line with a configuration of its own, and nothing else in its environment than these variables. */
async function commandLine(
  env: Record<string, string>,
  { temporal = inject('temporalAddress'), more = '' } = {},
): Promise<(...args: string[]) => Promise<Outcome>> {
  const file = join(await scratchFolder(), 'zkpow.yaml')
  await writeFile(file, configuration(temporal) + more)
  return (...args) =>
    new Promise((resolve) => {
      const options = { env: { ...env, ZKPOW_CONFIG: file, NO_COLOR: '1' } }
      execFile(process.execPath, [ZKPOW, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      })
    })
}

const configuration = (temporal: string) => `
temporal: { address: '${temporal}' }
database: { urlEnv: DATABASE }
archive: { folder: archive }
chains:
  dev: { chainId: 31337, rpc: ['http://127.0.0.1:1'], maxFeePerGasGwei: 1, account: miner }
accounts:
  miner: { privateKeyEnv: NOT_SET, address: '${MINER}' }
rollups:
  payments: { chain: dev, contract: '${CONTRACT}', kind: payments }
`

/** Takes connections, and says nothing. @returns how long it was held by the first. */
async function silentServer(): Promise<{ temporal: string; heldMs: Promise<number> }> {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const held = async () => {
    const [socket] = await once(server, 'connection')
    const heldSince = performance.now()
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
    return performance.now() - heldSince
  }
  return { temporal: `127.0.0.1:${(server.address() as AddressInfo).port}`, heldMs: held() }
}

async function quarantine(url: string): Promise<void> {
  const { db, close } = connect(url)
  const key = { rollup: 'payments', from: 1, to: 1 }
  await setHold(db, { rollup: key.rollup, key, hold: 'quarantined', reason: 'the data is damaged', who: 'us' }).finally(
    close,
  )
}

async function record(url: string): Promise<void> {
  const { db, close } = connect(url)
  const sequence = { rollup: 'payments', from: 1, to: 1, accInputHash: `0x${'ab'.repeat(32)}` } as const
  await recordSequence(db, { sequence, phase: 'prepare', text: 'first look at the chain' }).finally(close)
}
