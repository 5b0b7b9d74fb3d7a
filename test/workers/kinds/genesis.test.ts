import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { genesisAccounts } from '../../../dev/payments/users.ts'
import { genesisOf } from '../../../kinds/payments/genesis.ts'
import { describeGenesis, readGenesisState } from '../../../workers/kinds/genesis.ts'
import { kindFactory } from '../../../workers/kinds/kinds.ts'
import { Harness } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const GENESIS = genesisOf(genesisAccounts())
const { stateRoot: ROOT, state: ACCOUNTS } = GENESIS
const KIND = kindFactory('payments')

describe('a contract of 2023, which emits no first state', () => {
  let harness: Harness2023
  beforeAll(async () => {
    harness = await Harness2023.start({ genesisStateRoot: ROOT })
  })
  afterAll(() => harness?.anvil.stop())

  test('has it from its file', async () => {
    const genesisFile = await fileWith(JSON.stringify({ accounts: ACCOUNTS }))
    expect(await readGenesisState(chainOf(harness), rollupOf(harness, genesisFile), KIND)).toMatchObject({
      batchNum: 0,
      stateRoot: ROOT,
    })
    expect(await describeGenesis(chainOf(harness), rollupOf(harness, genesisFile), KIND)).toContain(
      `${genesisFile}, with the contract's own`,
    )
  })

  test.each([
    { why: 'no file', text: null, says: 'emits no GenesisState, and no file is named' },
    {
      why: 'other accounts',
      text: JSON.stringify({ accounts: `${ACCOUNTS.slice(0, -2)}ff` }),
      says: "doesn't hold the contract's first state",
    },
    { why: 'accounts that are none', text: JSON.stringify({ accounts: '0x00' }), says: 'no multiple of 72' },
    { why: 'no accounts', text: '{}', says: 'of the form {"accounts": "0x…"}' },
    { why: 'no JSON', text: 'accounts:', says: 'of the form {"accounts": "0x…"}' },
  ])('$why: says what, and which setting', async ({ text, says }) => {
    const rollup = rollupOf(harness, text === null ? null : await fileWith(text))
    await expect(describeGenesis(chainOf(harness), rollup, KIND)).rejects.toMatchObject({
      name: 'GenesisFileError',
      message: expect.stringContaining(says),
      remedy: expect.stringContaining('rollups.pay.genesisFile'),
    })
  })

  test('a file that isn’t there', async () => {
    const rollup = rollupOf(harness, '/nowhere/genesis.json')
    await expect(describeGenesis(chainOf(harness), rollup, KIND)).rejects.toThrow("/nowhere/genesis.json can't be read")
  })
})

describe('our contract, which emits it', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await Harness.start({ genesis: GENESIS })
  })
  afterAll(() => harness?.anvil.stop())

  test('needs no file', async () => {
    expect(await readGenesisState(chainOf(harness), rollupOf(harness, null), KIND)).toMatchObject({
      batchNum: 0,
      stateRoot: ROOT,
    })
    expect(await describeGenesis(chainOf(harness), rollupOf(harness, null), KIND)).toBe('as the contract emitted it')
  })

  test('a file is compared with it all the same', async () => {
    const rollup = rollupOf(harness, await fileWith(JSON.stringify({ accounts: '0x' })))
    await expect(describeGenesis(chainOf(harness), rollup, KIND)).rejects.toMatchObject({ name: 'GenesisFileError' })
  })
})

const chainOf = ({ anvil }: Harness) =>
  createChain({ chainId: foundry.id, rpcUrls: [anvil.url], finality: { confirmations: 0 }, maxFeePerGasWei: 1n })

const rollupOf = ({ rollup }: Harness, genesisFile: string | null) => ({
  name: 'pay',
  contract: rollup,
  deployedAtBlock: 0,
  genesisFile,
})

async function fileWith(text: string): Promise<string> {
  const file = join(await scratchFolder(), 'genesis.json')
  await writeFile(file, text)
  return file
}
