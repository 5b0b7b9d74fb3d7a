import { getAbiItem, parseTransaction, toFunctionSelector } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import { readSequences } from '../invariants/read-chain.ts'
import { readState } from './sequence-state.ts'
import { isMiner, type World } from './world.ts'

const SUBMIT_PROOF_HASH = toFunctionSelector(getAbiItem({ abi: rollupAbi, name: 'submitProofHash' }))

/**
 * Tells whether a hash of ours stands in a round that still wants its proof, or waits in the pool. It asks the chain
 * and its node alone.
 */
export async function isHashOut(world: World): Promise<boolean> {
  const [inPool, onChain] = await Promise.all([waitsInPool(world), standsUnproved(world)])
  return inPool || onChain
}

async function waitsInPool(world: World): Promise<boolean> {
  const raw = await world.control.pooled((from) => isMiner(world, from))
  return raw.some((one) => parseTransaction(one).data?.startsWith(SUBMIT_PROOF_HASH))
}

/**
 * Tells whether a hash stands without its proof. Late proofs are owed, too. An expired round's hash counts until a new
 * round replaces it: nobody knows what is done about it.
 */
async function standsUnproved({ deployment }: World): Promise<boolean> {
  const states = await Promise.all(
    deployment.rollups.map(async (rollup) => {
      const ranges = await readSequences(rollup.miner.publicClient, rollup.rollup)
      return Promise.all(ranges.map((sequence) => readState({ rollup, sequence })))
    }),
  )
  return states.flat().some(({ isOurs, isOurProofAccepted }) => isOurs && !isOurProofAccepted)
}
