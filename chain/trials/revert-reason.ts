import { type Abi, BaseError, decodeErrorResult } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import type { Hex } from '../../protocol/base/ranges.ts'

/** Ours declares the errors of 2023 too. */
const errorsAbi: Abi = rollupAbi.filter((item) => item.type === 'error')

/** What a contract may say in words: they end up in lists and histories. */
const MOST_LETTERS = 100

/**
 * Says what a call reverted with, for people: the custom error with its arguments, a text, a panic's code, or its
 * selector.
 */
export function revertReason(data: Hex | undefined): string {
  if (data === undefined || data === '0x') return 'no reason given'
  const decoded = decode(data)
  if (decoded === undefined) return `custom error ${data.slice(0, 10)}`
  const { errorName, args = [] } = decoded
  if (errorName === 'Error') return `"${plain(`${args[0]}`)}"`
  if (errorName === 'Panic') return `panic 0x${BigInt(args[0] as bigint).toString(16)}`
  return args.length === 0 ? errorName : plain(`${errorName}(${args.join(', ')})`)
}

/** Finds the name of the custom error; undefined where it is none that we know. */
export const revertName = (reason: string): string | undefined => /^([A-Z]\w+)(\(|$)/.exec(reason)?.[1]

function decode(data: Hex) {
  try {
    return decodeErrorResult({ abi: errorsAbi, data })
  } catch (error) {
    if (error instanceof BaseError || error instanceof RangeError) return undefined
    throw error
  }
}

const plain = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, MOST_LETTERS)
