import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import type { SequenceKey } from '../../protocol/base/ranges.ts'

/** Whether a hash of the sequence was signed and isn't on a final block: it may stand, or yet land. */
export const hasUnfinalCommit = async (db: Db, sequence: SequenceKey): Promise<boolean> =>
  (await listSequenceAttempts(db, sequence)).some(({ purpose, isFinal }) => purpose?.step === 'commit' && !isFinal)
