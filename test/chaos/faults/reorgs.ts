import { decodeFunctionData, encodeFunctionData, getAbiItem, type Hex, isAddressEqual, toFunctionSelector } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import type { Disturbance } from '../invariants/facts.ts'
import type { ChainControl } from '../nodes/node.ts'
import type { NodeTransaction } from '../nodes/node-rpc.ts'
import type { FateOf, ReplacedTransaction } from '../nodes/replace-blocks.ts'
import { SUBMITTED, UNPROVED } from '../plans/milestones.ts'
import { isMiner, type World } from '../world/world.ts'
import { type AboutFault, type ChaosFault, momentary } from './fault.ts'

/** Who posts sequences. */
const SEQUENCER = 1

/** How far back the last posting is looked for, blocks. */
const POSTED_BLOCKS = 40

/** Blocks in which a hash of replaced data that comes back from the pool can still land. */
const AFTERMATH_BLOCKS = 8

const PROVING = toFunctionSelector(getAbiItem({ abi: rollupAbi, name: 'verifyBatches' }))

const EMERGENCIES: readonly string[] = (['activateEmergencyState', 'deactivateEmergencyState'] as const).map((name) =>
  toFunctionSelector(getAbiItem({ abi: rollupAbi, name })),
)

const isPosting = ({ deployment }: World, { from }: NodeTransaction): boolean =>
  deployment.rollups.some(({ sequencer }) => isAddressEqual(sequencer.address, from))

/** Tells what stays with postings: whether one is taken depends on it, as it does on the postings before. */
const isEmergency = ({ deployment }: World, { to, input }: NodeTransaction): boolean =>
  deployment.rollups.some(({ rollup }) => to !== null && isAddressEqual(rollup, to)) &&
  EMERGENCIES.includes(input.slice(0, 10))

const isKept = (world: World, transaction: NodeTransaction): boolean =>
  isPosting(world, transaction) || isEmergency(world, transaction)

/** Tells the sequence that a transaction of somebody else proves, and nothing of any other. */
function provenByOthers(world: World, { from, to, input }: NodeTransaction): Pick<ReplacedTransaction, 'proves'> {
  const proven = world.deployment.rollups.find(({ rollup }) => to !== null && isAddressEqual(rollup, to))
  if (proven === undefined || isMiner(world, from) || input.slice(0, 10) !== PROVING) return {}
  const { args = [] } = decodeFunctionData({ abi: rollupAbi, data: input })
  return { proves: { rollup: proven.name, to: Number(args[1]) } }
}

/** Replaces blocks, for whoever holds the lock of the chain. */
async function replace(
  world: World,
  blocks: Parameters<ChainControl['reorg']>[0],
  fateOf: FateOf,
): Promise<NodeTransaction[]> {
  const { depth, replaced, moved, fates } = await world.control.reorg(blocks, fateOf)
  const proofs = new Map(moved.map((one) => [one.hash, provenByOthers(world, one)]))
  world.replaced.push(...replaced.map((one) => ({ ...one, ...proofs.get(one.hash) })))
  world.timeline.note(`${depth} blocks replaced, transactions: ${fates}`)
  return moved
}

/**
 * Replaces blocks in which postings and emergencies stay where they were, so that the posted data doesn't change. It
 * hits when ours move.
 */
const replacing = <Name extends string>(
  about: Pick<AboutFault<Name>, 'name' | 'what' | 'depthBlocks'>,
  fateOfOurs: 'returned' | 'lost',
  replacesBlocks = (depth: number): number => depth,
): ChaosFault<Name> =>
  momentary({ ...about, harmsAt: SUBMITTED, needs: ['anvil'], replacesBlocks }, (world, { depth }, hit) =>
    world.chainLock.during(async () => {
      const moved = await replace(world, replacesBlocks(depth), (one) => {
        if (isKept(world, one)) return 'kept'
        return isMiner(world, one.from) ? fateOfOurs : 'returned'
      })
      if (moved.some(({ from }) => isMiner(world, from))) hit()
    }),
  )

/** All other transactions land later. */
export const reorg = replacing(
  { name: 'reorg', what: '1 to 4 blocks are replaced; their transactions go back to the pool' },
  'returned',
)

/** The reorg goes past the rounds' first block and further: R moves, and an accepted proof comes too early. */
export const reorgDeep = replacing(
  { name: 'reorg-deep', what: '5 to 20 blocks are replaced: past the end of T1' },
  'returned',
  (depth) => 5 * depth,
)

/**
 * The reorg goes as far back as a round is long: everything since the last posting and more happens anew, or no longer.
 */
export const reorgDeepest = replacing(
  {
    name: 'reorg-deepest',
    what: '21 blocks to T1 + T2 are replaced (188, and 212 after `windows-changed`)',
    depthBlocks: { min: 21, max: 250 }, // a depth above any round of the plan becomes T1 + T2
  },
  'returned',
)

/** Our own transactions are gone from chain and pool. */
export const reorgLoses = replacing(
  { name: 'reorg-loses', what: '1 to 4 blocks are replaced, and our transactions are gone from chain and pool' },
  'lost',
)

/**
 * Replaces blocks from where something was posted last. Blocks go on coming until they are replaced, so the depth is
 * found out just before.
 */
const ofPostings = <Name extends string>(
  about: Pick<AboutFault<Name>, 'name' | 'what'> & { needs: NonNullable<AboutFault['needs']> },
  fateOf: (world: World, transaction: NodeTransaction) => ReturnType<FateOf>,
  prepare: (world: World, depth: number) => Promise<void> = async () => {},
): ChaosFault<Name> =>
  momentary({ ...about, harmsAt: UNPROVED, replacesBlocks: () => POSTED_BLOCKS }, (world, _, hit) =>
    world.chainLock.during(async () => {
      const [rollup] = world.deployment.rollups
      const depth = async () => {
        const blocks = rollup && (await world.control.depthOf(rollup.sequencer.address, POSTED_BLOCKS))
        if (blocks) await prepare(world, blocks)
        return blocks ?? 0
      }
      const moved = await replace(world, depth, (one) => fateOf(world, one))
      if (moved.some((one) => isPosting(world, one))) hit()
    }),
  )

/** Postings land later, too: the sequences vanish and come back as they were. */
export const reorgUnposts = ofPostings(
  {
    name: 'reorg-unposts',
    what: 'up to 40 blocks from the last posting on: sequences vanish, and come back from the pool',
    // A contract of 2023 takes one sequence a block, and postings come back in one.
    needs: ['anvil', 'contract-of-ours'],
  },
  (world, one) => (isEmergency(world, one) ? 'kept' : 'returned'),
)

/**
 * The sequencer says something else than before in the same place: deeper than the confirmations, so a penalty is its
 * fault.
 */
export const reorgReposts = ofPostings(
  {
    name: 'reorg-reposts',
    what: 'up to 40 from the last posting on: sequences come back at once with other data, which excuses penalties',
    needs: ['anvil'],
  },
  async (world, one) => {
    if (isEmergency(world, one)) return 'kept'
    return isPosting(world, one) ? { insteadRaw: await withOtherData(world, one) } : 'returned'
  },
  async (world, depth) => {
    const head = await world.control.head()
    world.disturbances.push(
      ...(await replacedData(world, { fromBlock: head - depth, toBlock: head + AFTERMATH_BLOCKS }, head)),
    )
  },
)

/** Tells whose data is about to be replaced: of each rollup what was posted after the first of the blocks. */
async function replacedData(
  { deployment }: World,
  blocks: { fromBlock: number; toBlock: number },
  head: number,
): Promise<Disturbance[]> {
  const all = deployment.rollups.map(async ({ name, rollup, miner: { publicClient } }) => {
    const lastAt = async (blockNumber: number) =>
      Number(
        await publicClient.readContract({
          ...{ abi: rollupAbi, address: rollup, functionName: 'lastBatchSequenced', blockNumber: BigInt(blockNumber) },
        }),
      )
    const [before, now] = [await lastAt(blocks.fromBlock), await lastAt(head)]
    return now > before
      ? [{ takes: 'posted-data' as const, rollup: name, fromBatch: before + 1, atMs: Date.now(), ...blocks }]
      : []
  })
  return (await Promise.all(all)).flat()
}

/**
 * Signs the same sequence with the first transfer of each batch spoilt: the batch is as provable, and leads elsewhere.
 */
async function withOtherData({ stack }: World, { input, nonce, to }: NodeTransaction): Promise<Hex> {
  const { functionName, args } = decodeFunctionData({ abi: rollupAbi, data: input })
  if (functionName !== 'sequenceBatches') throw new Error('unreachable: the sequencer does nothing else')
  const [batches, coinbase] = args
  const spoilt = batches.map((batch) => ({ ...batch, transactions: spoil(batch.transactions) }))
  return localAccount(SEQUENCER).signTransaction({
    ...{ type: 'eip1559', chainId: stack.node.chainId, to },
    ...{ nonce: Number(nonce), gas: 10_000_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n },
    data: encodeFunctionData({ abi: rollupAbi, functionName, args: [spoilt, coinbase] }),
  })
}

/** Lowest byte of the first transfer's amount: its signature then fits no longer, and it has no effect. */
const SPOILT_BYTE = 15

function spoil(data: Hex): Hex {
  const at = 2 + 2 * SPOILT_BYTE
  return `0x${data.slice(2, at)}${data.slice(at, at + 2) === '00' ? '01' : '00'}${data.slice(at + 2)}`
}
