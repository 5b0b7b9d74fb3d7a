import type { Address } from '../../protocol/base/ranges.ts'
import { ChainMovedError, NoContractError } from '../errors.ts'
import type { BlockRef } from './endpoints.ts'

/** Remembers where contracts have been seen, because a final block may be older than the contract. */
export interface Sightings {
  /** Notes that the contract has answered at this block. */
  add(contract: Address, at: BlockRef): void
  /**
   * Gives what `read` answers, or `nothing` where the contract isn't deployed yet.
   * @throws ChainMovedError for an empty answer at a block after one at which the contract has answered: that is an
   * endpoint's fault, and taken for an answer it would look like a sequence that vanished.
   */
  orBefore<T>(contract: Address, at: BlockRef, nothing: T, read: () => Promise<T>): Promise<T>
}

export function createSightings(): Sightings {
  const first = new Map<Address, number>()
  const add: Sightings['add'] = (contract, at) =>
    void first.set(contract, Math.min(at.number, first.get(contract) ?? at.number))
  return {
    add,
    async orBefore(contract, at, nothing, read) {
      try {
        const answer = await read()
        add(contract, at)
        return answer
      } catch (error) {
        const seenAt = first.get(contract)
        if (!(error instanceof NoContractError) || seenAt === undefined) throw error
        if (at.number < seenAt) return nothing
        throw new ChainMovedError(
          `The contract gave an empty answer at block ${at.number}, though it was there at block ${seenAt}.`,
        )
      }
    },
  }
}
