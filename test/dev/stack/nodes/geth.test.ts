import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPublicClient, createWalletClient, http, parseEther } from 'viem'
import { foundry } from 'viem/chains'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { confirm } from '../../../../contracts/tooling/deploy-contract.ts'
import { localAccount } from '../../../../dev/deployment/local-deployment.ts'
import { runSetup } from '../../../../dev/run-setup.ts'
import { startGeth } from '../../../../dev/stack/nodes/geth.ts'
import { gethStep, obtainGeth, whyNoGeth } from '../../../../dev/stack/nodes/geth-cache.ts'
import { hasGeth } from '../../../support/nodes/geth.ts'
import { SOON } from '../../../support/patience.ts'
import { scratchFolder } from '../../../support/scratch-folder.ts'

vi.setConfig({ testTimeout: 90_000 })

const { signal } = new AbortController()
const RECEIVER = '0x00000000000000000000000000000000000000a1'

/** Creates one word of storage: PUSH1 1 PUSH1 0 SSTORE STOP, as code that deploys nothing. */
const STORES_A_WORD = '0x600160005500'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.runIf(hasGeth)('geth', () => {
  test('has funded accounts, the rules of its newest fork, and after an orderly end every block and its state', async () => {
    const geth = await startGeth(await scratchFolder(), { chainId: 31337 })
    const { client, wallet } = clientsOf(geth.rpcUrl)
    const send = async (value: bigint) => confirm(client, await wallet.sendTransaction({ to: RECEIVER, value }))
    const first = await send(7n)
    await send(8n)
    expect(await client.getBalance({ address: localAccount(9).address })).toBe(parseEther('10000'))
    const stored = await client.estimateGas({ account: localAccount(0), data: STORES_A_WORD })
    const nothing = await client.estimateGas({ account: localAccount(0), data: '0x00' })
    expect(stored - nothing).toBeGreaterThan(90_000n) // EIP-8037 asks so much; it was 22,100 before
    await geth.stop()
    await geth.start()
    expect(await client.getBalance({ address: RECEIVER })).toBe(15n)
    expect(await client.getBalance({ address: RECEIVER, blockNumber: first.blockNumber })).toBe(7n)
    await geth.stop()
  })

  test('has blocks of its own where it is told to, and goes on with them after it was killed', async () => {
    const geth = await startGeth(await scratchFolder(), { chainId: 31337, blockTimeSeconds: 1 })
    const { client } = clientsOf(geth.rpcUrl)
    const head = () => client.getBlockNumber({ cacheTime: 0 })
    await vi.waitUntil(async () => (await head()) > 2n, SOON)
    await geth.kill('SIGKILL')
    await geth.start()
    await vi.waitUntil(async () => (await head()) > 3n, SOON)
    await geth.stop()
  })
})

test.each([
  { case: 'there is none', go: undefined, reason: /there is no Go/ },
  {
    case: 'it is too old',
    go: 'echo "go: go.mod requires go >= 1.25.0 (running go 1.21)"; exit 1',
    reason: /requires go >= 1.25/,
  },
])('where Go is missing because $case, set-up leaves geth out and who asks for it is told', async ({ go, reason }) => {
  const folder = await scratchFolder()
  if (go !== undefined) await writeFile(join(folder, 'go'), `#!/bin/sh\n${go}\n`)
  if (go !== undefined) await chmod(join(folder, 'go'), 0o755)
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`)
  vi.stubEnv('ZKPOW_CACHE', folder)
  expect(await whyNoGeth()).toMatch(reason)
  const said = vi.spyOn(process.stdout, 'write')
  await runSetup([gethStep()], signal)
  expect(said.mock.calls.join('\n')).toMatch(/left out/)
  said.mockRestore()
  expect(await gethStep().isDone()).toBe(false)
  await expect(obtainGeth(() => {}, signal)).rejects.toMatchObject({
    code: 'ZKPOW-STACK-NO-GETH',
    message: expect.stringMatching(reason),
    remedy: expect.stringContaining('install Go'),
  })
})

const clientsOf = (rpcUrl: string) => {
  const options = { chain: foundry, transport: http(rpcUrl), pollingInterval: 50 }
  return { client: createPublicClient(options), wallet: createWalletClient({ ...options, account: localAccount(0) }) }
}
