import { type Address, type Hex, keccak256 } from 'viem'
import type { NodeRpc, NodeTransaction } from './node-rpc.ts'

/**
 * What becomes of a transaction whose block is replaced: it stays in a block of that height, waits in the pool, is
 * lost, or others stand there.
 */
export type Fate = 'kept' | 'returned' | 'lost' | { insteadRaw: Hex }

export type FateOf = (transaction: NodeTransaction) => Fate | Promise<Fate>

/** A transaction of a block that a reorg replaced. */
export interface ReplacedTransaction {
  hash: Hex
  block: number
  /** Head when its block was replaced. */
  head: number
  /** What it proved, where it was somebody else's proof; left out of all others. */
  proves?: { rollup: string; to: number }
}

export interface Reorged {
  /** How many blocks were replaced. */
  depth: number
  replaced: ReplacedTransaction[]
  /** Transactions that don't stand at their height any more. */
  moved: NodeTransaction[]
  /** How many transactions met each fate. */
  fates: string
}

/**
 * Replaces the last `depth` blocks. It doesn't use `anvil_reorg`: that gives the first new block the base fee of the
 * head, which what stays may not pay, and a node that was started again loses all code by it.
 */
export async function replaceBlocks(rpc: NodeRpc, depth: number, fateOf: FateOf): Promise<Reorged> {
  if (depth === 0) return { depth, replaced: [], moved: [], fates: countFates([]) }
  const head = await rpc.head()
  const all = (await rpc.lastTransactions(head)).map((tx) => ({ ...tx, offset: tx.offset - (head - depth) }))
  const met = all.filter(({ offset }) => offset >= 0)
  const judged = judge(await Promise.all(met.map(async (tx) => ({ ...tx, fate: await fateOf(tx) }))))
  const [raws, pooled] = [await rpc.rawsOf(judged), await rpc.rawsOf(await rpc.pool())]
  const [codes, { baseFeePerGas }] = [await codesOf(rpc, all), await rpc.block(head - depth + 1)]
  const stay = judged.flatMap(({ fate, offset }, i) => {
    const raw = fate === 'kept' ? raws[i] : typeof fate === 'object' ? fate.insteadRaw : undefined
    return raw === undefined ? [] : [{ raw, offset }]
  })
  await rpc.call('anvil_dropAllTransactions')
  await rpc.call('anvil_rollback', depth)
  await Promise.all(codes.map(([address, code]) => rpc.call('anvil_setCode', address, code)))
  await rpc.call('anvil_setNextBlockBaseFeePerGas', baseFeePerGas)
  await mineWith(rpc, depth, stay)
  await rpc.send([...raws.filter((_, i) => judged[i]?.fate === 'returned'), ...pooled])
  return {
    depth,
    replaced: judged.map(({ hash, offset }) => ({ hash, block: head - depth + 1 + offset, head })),
    moved: judged.filter(({ fate }) => fate !== 'kept'),
    fates: countFates(judged),
  }
}

type Judged = NodeTransaction & { offset: number; fate: Fate }

/**
 * Lets what comes before a staying transaction of the same account stay, too, for the sake of its nonce. The
 * transactions come in the order of the chain.
 */
function judge(transactions: readonly Judged[]): Judged[] {
  const stays = ({ fate }: Judged) => fate !== 'returned' && fate !== 'lost'
  return transactions.map((one, i) => {
    const isNeeded = transactions.slice(i + 1).some((later) => later.from === one.from && stays(later))
    return isNeeded && !stays(one) ? { ...one, fate: 'kept' } : one
  })
}

function countFates(judged: readonly Judged[]): string {
  const names = judged.map(({ fate }) => (typeof fate === 'object' ? 'changed' : fate))
  return ['kept', 'changed', 'returned', 'lost']
    .map((name) => `${names.filter((one) => one === name).length} ${name}`)
    .join(', ')
}

/** Reads everything that was ever deployed, with its code. */
async function codesOf(rpc: NodeRpc, all: readonly NodeTransaction[]): Promise<[Address, Hex][]> {
  const creations = all.filter(({ to }) => to === null)
  const receipts = await Promise.all(
    creations.map(({ hash }) => rpc.call<{ contractAddress: Address; status: Hex }>('eth_getTransactionReceipt', hash)),
  )
  const deployed = receipts.filter(({ status }) => status === '0x1').map(({ contractAddress }) => contractAddress)
  return Promise.all(
    deployed.map(async (one): Promise<[Address, Hex]> => [one, await rpc.call<Hex>('eth_getCode', one, 'latest')]),
  )
}

/** Mines `depth` blocks, of which some have transactions. */
async function mineWith(rpc: NodeRpc, depth: number, stay: readonly { raw: Hex; offset: number }[]): Promise<void> {
  let mined = 0
  for (const offset of new Set(stay.map((one) => one.offset))) {
    if (offset > mined) await rpc.mine(offset - mined)
    const raws = stay.filter((one) => one.offset === offset).map(({ raw }) => raw)
    await rpc.send(raws)
    await rpc.mine(1)
    mined = offset + 1
    for (const raw of raws) {
      const hash = keccak256(raw)
      if (!(await rpc.call('eth_getTransactionReceipt', hash)))
        throw new Error(`transaction ${hash} was to stay, and isn't in its block`)
    }
  }
  if (depth > mined) await rpc.mine(depth - mined)
}
