import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Archive, createFolderArchive } from '../../../db/archive/archive.ts'
import { nextSequence, proofOf, withOtherData } from '../../contracts/sequences.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// A sequence behind a hash of ours that can't be proved would share its penalty. R+T1 is R+3, and R+T1+T2 is R+7.

const FIRST = nextSequence(undefined, 1)
const BEHIND = { kind: 'wait', code: 'predecessor-uncommitted' }

const CASES: { what: string; lose: (miner: MinerOnAnvil) => Promise<unknown>; step: object }[] = [
  { what: 'is in both stores', lose: async () => {}, step: { kind: 'commit' } },
  {
    what: 'was lost by both and made again with other bytes',
    async lose(miner) {
      await emptyDatabase(miner)
      miner.deps.archive = await emptyArchive()
      miner.makeProof = (sequence) => proofOf(sequence, miner.miner, 1)
      await miner.prove(FIRST)
    },
    step: BEHIND,
  },
  {
    what: 'was lost by both, and that of other data of the same batches is there',
    async lose(miner) {
      await emptyDatabase(miner)
      miner.deps.archive = await emptyArchive()
      await miner.prove(withOtherData(FIRST))
    },
    step: BEHIND,
  },
  { what: 'was lost by Postgres', lose: emptyDatabase, step: BEHIND },
  {
    what: 'was lost by the archive',
    lose: async ({ deps }) => Object.assign(deps, { archive: await emptyArchive() }),
    step: BEHIND,
  },
]

test.each(CASES)('a successor of a sequence whose committed proof $what: $step.kind', async ({ lose, step }) => {
  const miner = await startMiner({ stakeWei: 5_000n })
  const first = await miner.open(FIRST)
  await miner.live(1)
  await miner.pass()
  expect(await ranFor(miner, first)).toEqual(['commit'])
  await lose(miner)
  const second = await miner.open(nextSequence(FIRST, 1))
  await miner.look()
  expect(miner.looks.get(second.to)?.step).toMatchObject(step)
})

const emptyArchive = async (): Promise<Archive> => createFolderArchive(await scratchFolder())

/** Deletes all that was proved; what was signed stays. */
async function emptyDatabase({ deps }: MinerOnAnvil): Promise<void> {
  await deps.db.execute(
    sql`truncate zkpow.proofs, zkpow.proof_uploads, zkpow.blobs, zkpow.batches, zkpow.snapshots cascade`,
  )
}
