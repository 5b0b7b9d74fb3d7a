import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { BlockRef } from './endpoints.ts'

/**
 * Blocks of a contract whose answers are remembered: a head, a final block and one that is deep enough, of those looks
 * that are under way, and of the next ones.
 */
const REMEMBERED_BLOCKS = 8

type Answers<T> = Map<string, Promise<T>>

/**
 * Remembers the answers to questions that have one answer for ever, such as reads at a block hash: at most
 * `maxEntries`, the oldest go first. Concurrent askers share one question; failures aren't remembered.
 */
export function createMemo<T>(maxEntries: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const answers: Answers<T> = new Map()
  return (key, ask) => {
    const answer = askOnce(answers, key, ask)
    const [oldest] = answers.keys()
    if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest)
    return answer
  }
}

/** Which contract, in which block's state. */
interface InBlock {
  contract: Address
  at: BlockRef
}

/**
 * Does the same for what is asked of contracts in one block's state. It keeps all answers of their last blocks, however
 * many sequences there are, so that no more of them ever makes everything be read again. Blocks are known by their
 * hashes, so nothing of a block that a reorg replaced is taken for another one's.
 */
export function createBlockMemo<T>(): (where: InBlock, key: string, ask: () => Promise<T>) => Promise<T> {
  const contracts = new Map<Address, Map<Hex, Answers<T>>>()
  return ({ contract, at }, key, ask) => {
    const blocks = contracts.get(contract) ?? new Map<Hex, Answers<T>>()
    contracts.set(contract, blocks)
    const answers: Answers<T> = blocks.get(at.hash) ?? new Map()
    blocks.delete(at.hash)
    blocks.set(at.hash, answers) // now it is the newest
    const [oldest] = blocks.keys()
    if (blocks.size > REMEMBERED_BLOCKS && oldest !== undefined) blocks.delete(oldest)
    return askOnce(answers, key, ask)
  }
}

function askOnce<T>(answers: Answers<T>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key)
  if (known !== undefined) return known
  const answer = ask()
  answers.set(key, answer)
  answer.catch(() => answers.delete(key))
  return answer
}
