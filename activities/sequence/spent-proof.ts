import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import type { Attempt } from '../../db/attempts/attempt-rows.ts'
import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import type { Hex, SequenceKey } from '../../protocol/base/ranges.ts'
import { isProof } from '../../protocol/sender/intent.ts'
import { type MinedProof, spentProof } from '../../protocol/sequence/spent-proof.ts'
import type { OnChain } from '../../protocol/sequence/view.ts'
import type { RollupContext } from '../context.ts'

/**
 * Finds the block in which our proof ran in its round without being accepted; null where it didn't. The rows of
 * attempts tell it, also of nonces that are long final. A row is believed only while its block stands: a reorg that
 * goes deeper than finality changes no rows.
 */
export async function findSpentProof(
  db: Db,
  { chain }: RollupContext,
  { sequence, atHead, head }: { sequence: SequenceKey; atHead: OnChain; head: BlockRef },
): Promise<number | null> {
  const mined = (await listSequenceAttempts(db, sequence)).flatMap(minedProof)
  const spent = spentProof(mined, atHead, head.number)
  return spent !== undefined && (await chain.hasBlock({ number: spent.block, hash: spent.blockHash }))
    ? spent.block
    : null
}

function minedProof({ purpose, inclusion }: Attempt): (MinedProof & { blockHash: Hex })[] {
  if (
    inclusion === null ||
    purpose === null ||
    purpose.step === 'stake' ||
    !isProof(purpose) ||
    purpose.finalProof === null
  )
    return []
  const { minedBlock: block, blockHash, status } = inclusion
  return [{ proofHash: purpose.finalProof.proofHash, block, blockHash, status }]
}
