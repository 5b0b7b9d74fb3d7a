import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readView } from '../../../activities/sequence/look-at-sequence.ts'
import { ContractRevertedError, RpcUnavailableError } from '../../../chain/errors.ts'
import { createFolderArchive } from '../../../db/archive/archive.ts'
import type { Attempt } from '../../../db/attempts/attempt-rows.ts'
import { BlobMissingError } from '../../../db/errors.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// Two rollups share an account, and one of them is broken. R+T1 is R+3, and R+T1+T2 is R+7.

const RANGE = nextSequence(undefined, 1)

describe('a proof whose bytes are lost by both stores between its look and its signing', () => {
  test("waits, says why, leaves no gap, and lets the other rollup's proof go", async () => {
    const { broken, sound, account } = await bothCommitted()
    const { back } = await loseProof(broken)
    const nonce = await account.nonce()
    const { lines } = await broken.pass()
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^prove ${broken.rollup.name} 1: held, no store has the proof`)),
    )
    expect((await broken.attempts()).filter((one) => one.nonce >= nonce).map(nameOf)).toEqual([
      [nonce, 'prove', sound.rollup.name],
    ])
    await broken.harness.mine(1)
    expect(await account.nonce()).toBe(nonce + 1)
    await broken.pass()
    expect(await ranFor(sound, sound.ref)).toEqual(['commit', 'prove'])
    await back()
    await broken.pass()
    await broken.harness.mine(1)
    await broken.pass()
    expect(await ranFor(broken, broken.ref)).toEqual(['commit', 'prove'])
  })
})

describe("a hash that can't be judged", () => {
  test.each([
    new RpcUnavailableError({ endpoint: 'endpoint 1', reason: 'the range of logs is too large' }),
    new ContractRevertedError({ endpoint: 'endpoint 1', functionName: 'isEmergencyState', errorName: undefined }),
    new BlobMissingError('0x01'),
    new TypeError('a bug'),
  ])("($name) waits, says why, and lets the other rollup's proof go", async (error) => {
    const { broken, sound } = await bothOpen()
    await liveWith(sound, broken, 4)
    await Promise.all([broken.look(), sound.look()])
    expect(broken.queue.map(({ step }) => step).sort()).toEqual(['commit', 'prove'])
    const { chain } = broken.rollup
    broken.rollup.chain = { ...chain, readSequence: () => Promise.reject(error) }
    const { lines } = await broken.pass()
    expect(lines).toContainEqual(
      expect.stringContaining(`commit ${broken.rollup.name} 1: can't be judged now, ${error.message}`),
    )
    await sound.harness.mine(1)
    await broken.pass()
    expect(await ranFor(sound, sound.ref)).toEqual(['commit', 'prove'])
    broken.rollup.chain = chain
    await broken.pass()
    await sound.harness.mine(1)
    await broken.pass()
    expect(await ranFor(broken, broken.ref)).toEqual(['commit'])
  })
})

test("a proof that is out while its contract can't be read is sent again, so that it keeps no nonce from the others", async () => {
  const { broken, sound } = await bothCommitted()
  broken.queue = broken.queue.filter(({ rollup }) => rollup === broken.rollup.name)
  await broken.pass()
  const [proof] = (await sound.attempts()).filter(({ inclusion }) => inclusion === null)
  await sound.harness.client.dropTransaction({ hash: proof?.txHash ?? '0x' })
  broken.rollup.chain = { ...broken.rollup.chain, readOnChain: () => Promise.reject(new TypeError('a bug')) }
  await sound.look()
  const { lines } = await broken.pass()
  expect(lines).toContainEqual(
    expect.stringMatching(
      new RegExp(`^nonce ${proof?.nonce}: prove ${broken.rollup.name} 1, .*, can't be judged now, a bug`),
    ),
  )
  await sound.harness.mine(1)
  await broken.pass()
  expect(await ranFor(broken, broken.ref)).toEqual(['commit', 'prove'])
  expect(await ranFor(sound, sound.ref)).toEqual(['commit', 'prove'])
})

test('a chain that is away fails the pass', async () => {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const proxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const miner = await startMiner({ harness, rpcUrl: proxy.url, stakeWei: 5_000n })
  await miner.open(RANGE)
  await miner.look()
  const from = proxy.calls.length
  // The endpoint goes away in the middle of the pass.
  proxy.fault = () => (proxy.calls.length > from + 4 ? { kind: 'error', code: -32_000, message: 'away' } : undefined)
  await expect(miner.pass()).rejects.toMatchObject({ name: 'RpcUnavailableError' })
  expect(await miner.attempts()).toEqual([])
})

type Scene = MinerOnAnvil & { ref: SequenceRef; archiveFolder: string }

/** Proves a sequence in each of two rollups. */
async function bothOpen(): Promise<{ broken: Scene; sound: Scene }> {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const broken = await startMiner({ harness, stakeWei: 5_000n })
  const archiveFolder = await scratchFolder()
  broken.deps.archive = createFolderArchive(archiveFolder)
  const sound = await startMiner({ stakeWei: 5_000n, beside: broken })
  const withRef = async (miner: MinerOnAnvil): Promise<Scene> =>
    Object.assign(miner, { ref: await miner.open(RANGE), archiveFolder })
  return { broken: await withRef(broken), sound: await withRef(sound) }
}

/**
 * Sends both hashes, the broken one's a block earlier, so that its proof is the most urgent. Then both proofs are asked
 * for.
 */
async function bothCommitted() {
  const { broken, sound } = await bothOpen()
  await broken.live(1)
  await liveWith(sound, broken, 1)
  await sound.harness.mine(3)
  await broken.pass() // both hashes are final
  await Promise.all([broken.look(), sound.look()])
  expect(broken.queue.map(({ step }) => step)).toEqual(['prove', 'prove'])
  const { harness, miner } = broken
  return { broken, sound, account: { nonce: () => harness.client.getTransactionCount({ address: miner }) } }
}

/** Lets one miner look and another send: the sender that both rollups share is the first miner's. */
async function liveWith(looking: MinerOnAnvil, sending: MinerOnAnvil, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i += 1) {
    await looking.look()
    await sending.pass()
    await looking.harness.mine(1)
  }
}

/** Takes the bytes of a miner's final proof from both stores, until the archive's disk is back. */
async function loseProof({ deps, rollup, ref, archiveFolder }: Scene) {
  const sha256 = (await readView(deps, rollup, ref)).finalProof?.sha256 ?? '0x'
  const file = join(archiveFolder, `${sha256}.proof`)
  const proof = await readFile(file)
  await deps.db.execute(sql`delete from zkpow.proofs where sha256 = ${sha256}`)
  await deps.db.execute(sql`delete from zkpow.blobs where sha256 = ${sha256}`)
  await rm(file)
  return { back: () => writeFile(file, proof) }
}

const nameOf = ({ nonce, purpose }: Attempt) => [nonce, purpose?.step, purpose?.rollup]
