import { z } from 'zod'

/** A quantity in its one form. Some nodes write leading zeros or a JSON number; anything else is none. */
const quantity = z
  .union([z.int().nonnegative(), z.string().regex(/^0x[0-9a-f]{1,64}$/i)])
  .transform((value) => `0x${BigInt(value).toString(16)}`)

/** Of something that is counted: a block, a nonce, a second. */
const ordinal = quantity.refine((value) => BigInt(value) <= BigInt(Number.MAX_SAFE_INTEGER))

/** Reads hex of any case in lower case, so that the same bytes are the same text. */
const hex = (form: RegExp) =>
  z
    .string()
    .regex(form)
    .transform((value) => value.toLowerCase())
const hash = hex(/^0x[0-9a-f]{64}$/i)
const address = hex(/^0x[0-9a-f]{40}$/i)
const data = hex(/^0x([0-9a-f]{2})*$/i)

/** A block of the chain: one that is pending has no number, and says nothing yet. */
const block = z.object({
  number: ordinal,
  hash,
  parentHash: hash,
  timestamp: ordinal,
  // It is absent on chains without EIP-1559, so one that can't be read must not become absent.
  baseFeePerGas: quantity.nullish(),
  gasUsed: quantity.nullish(),
  gasLimit: quantity.nullish(),
})

/** Where a transaction is mined; some nodes give a receipt without a block of one that isn't. */
const place = z.object({ transactionHash: hash, blockNumber: ordinal.nullish(), blockHash: hash.nullish() })

/** What it cost can be missing: layer-2 nodes have fields of their own. */
const receipt = place.extend({
  status: quantity.refine((value) => value === '0x0' || value === '0x1'),
  gasUsed: quantity.nullish().catch(null),
  effectiveGasPrice: quantity.nullish().catch(null),
})

const log = z.object({
  address,
  topics: z.array(hash),
  data,
  blockNumber: ordinal,
  blockHash: hash,
  transactionHash: hash,
  logIndex: ordinal.nullish(),
  removed: z.boolean().nullish(),
})
const filter = z.looseObject({
  address: z.union([address, z.array(address)]).optional(),
  fromBlock: ordinal,
  toBlock: ordinal,
})

/** Only what blocks paid above the base fee: the base fee itself is read where endpoints must agree on it. */
const feeHistory = z.object({ reward: z.array(z.array(quantity).nullish().catch(null)).nullish().catch(null) })

const transaction = z
  .object({ hash, input: data.optional(), data: data.optional() })
  .transform((one) => ({ hash: one.hash, input: one.input ?? one.data }))
  .refine(({ input }) => input !== undefined)

type Read = (result: unknown, params: readonly unknown[]) => unknown

const readAll =
  (schema: z.ZodType): Read =>
  (result) =>
    schema.parse(result)

/** What is read of the answer to each method that we ask by; of others all is taken as it is. */
const READS: Readonly<Record<string, Read>> = {
  eth_chainId: readAll(ordinal),
  eth_blockNumber: readAll(ordinal),
  eth_getTransactionCount: readAll(ordinal),
  eth_getBalance: readAll(quantity),
  eth_gasPrice: readAll(quantity),
  eth_maxPriorityFeePerGas: readAll(quantity),
  eth_estimateGas: readAll(quantity),
  eth_call: readAll(data),
  eth_getCode: readAll(data),
  eth_sendRawTransaction: readAll(hash),
  eth_getBlockByNumber: (result, [asked]) =>
    readBlock(result, ({ number }) => !isNumber(asked) || BigInt(number) === BigInt(asked)),
  eth_getBlockByHash: (result, [asked]) => readBlock(result, (one) => one.hash === lower(asked)),
  eth_getTransactionReceipt: readReceipt,
  eth_getTransactionByHash: (result, [asked]) =>
    result === null ? null : transaction.refine((one) => one.hash === lower(asked)).parse(result),
  eth_getLogs: readLogs,
  eth_feeHistory: (result) => ({
    oldestBlock: '0x0',
    baseFeePerGas: [],
    gasUsedRatio: [],
    ...feeHistory.parse(result),
  }),
}

/**
 * Reads what an endpoint answered to a method, in the form that the specification gives it and with nothing that isn't
 * read: a node's other fields can be of any form. A null where there is nothing stays one.
 * @throws Error when it isn't an answer to the question.
 */
export function toAnswer(method: string, params: readonly unknown[], result: unknown): unknown {
  const read = READS[method]
  return read === undefined ? result : read(result, params)
}

function readBlock(result: unknown, isAsked: (one: z.output<typeof block>) => boolean): unknown {
  return result === null ? null : block.refine(isAsked).parse(result)
}

function readReceipt(result: unknown, [asked]: readonly unknown[]): unknown {
  if (result === null) return null
  const { blockNumber, blockHash } = place.refine((one) => one.transactionHash === lower(asked)).parse(result)
  return blockNumber && blockHash ? { ...receipt.parse(result), logs: [] } : null
}

/** Reads those logs alone that stand, in the chain's order. */
function readLogs(result: unknown, [asked]: readonly unknown[]): unknown {
  const { address: of, fromBlock, toBlock } = filter.parse(asked)
  const addresses = of === undefined ? undefined : [of].flat()
  const isAsked = (one: z.output<typeof log>) =>
    BigInt(one.blockNumber) >= BigInt(fromBlock) &&
    BigInt(one.blockNumber) <= BigInt(toBlock) &&
    (addresses?.includes(one.address) ?? true)
  const logs = z.array(log.refine(isAsked)).parse(result)
  return logs.filter(({ removed }) => removed !== true).sort((a, b) => placeOf(a) - placeOf(b))
}

const placeOf = ({ blockNumber, logIndex }: z.output<typeof log>): number =>
  Number(blockNumber) * 2 ** 16 + Number(logIndex ?? 0)

const isNumber = (asked: unknown): asked is string => typeof asked === 'string' && asked.startsWith('0x')

const lower = (asked: unknown): unknown => (typeof asked === 'string' ? asked.toLowerCase() : asked)
