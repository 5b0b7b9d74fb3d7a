import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Posted } from '../sequence-state.ts'
import type { World } from '../world.ts'

/** 2: nothing was made twice, and what was made is there in every store that it belongs in. */
export async function noProofLostOrMadeTwice({ sql, stack }: World): Promise<string[]> {
  const twice = await sql`select task_id, count(*)::int as uploads from zkpow.proof_uploads group by task_id having count(*) > 1`
  const unused = await sql`
    select task_id from zkpow.proof_uploads u where not exists (select from zkpow.proofs p where p.task_id = u.task_id)`
  const finals =
    await sql`select p.sha256, p.to_batch, b.bytes from zkpow.proofs p left join zkpow.blobs b using (sha256) where stage = 'final'`
  const sha256 = (bytes: Uint8Array) => `0x${createHash('sha256').update(bytes).digest('hex')}`
  const isArchived = (hash: string) => {
    const file = join(stack.dataDir, 'archive', `${hash}.proof`)
    return existsSync(file) && sha256(readFileSync(file)) === hash
  }
  return [
    ...twice.map((row) => `task ${row.task_id} was made ${row.uploads} times`),
    ...unused.map((row) => `a proof of task ${row.task_id} was uploaded and never used`),
    ...finals.flatMap((row) => (row.bytes && sha256(row.bytes) === row.sha256 ? [] : [`the final proof of batch ${row.to_batch} is lost`])),
    ...finals.flatMap((row) => (isArchived(row.sha256) ? [] : [`the final proof of batch ${row.to_batch} is not in the archive`])),
  ]
}

/** 6: every posted sequence has ended. */
export async function everySequenceEnded({ sql }: World, posted: readonly Posted[]): Promise<string[]> {
  const rows = await sql`select rollup, to_batch::int as to_batch, phase, text, outcome from zkpow.sequences`
  return posted.flatMap(({ rollup, sequence }) => {
    const row = rows.find((one) => one.rollup === rollup.name && one.to_batch === sequence.to)
    const name = `batches ${sequence.from}-${sequence.to} of ${rollup.name}`
    if (row === undefined) return [`${name} have no row`]
    return row.outcome === null ? [`${name} are stuck in phase ${row.phase}: ${row.text}`] : []
  })
}
