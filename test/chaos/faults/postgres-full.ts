import type postgres from 'postgres'
import { UNPROVED } from '../plans/milestones.ts'
import { untilDone } from '../world/until-done.ts'
import type { World } from '../world/world.ts'
import { LONG_MS, lasting } from './fault.ts'

/**
 * The disk is full: whatever is inserted or updated is refused as Postgres refuses it then. An emptied database has
 * space again.
 */
export const postgresFull = lasting(
  {
    name: 'postgres-full',
    what: 'every insert and update of ours is refused as when the disk is full (53100)',
    lastsMs: LONG_MS,
    harmsAt: [...UNPROVED, 'proof-sent'],
  },
  async (world, _, hit) => {
    await untilDone(() => refuseWrites(world))
    return () =>
      untilDone(async () => {
        if ((await takeWrites(world)) > 0) hit()
      })
  },
)

/**
 * Sends a statement for each table, so that no lock is held while another one is waited for. Refusals are counted past
 * the transactions that they end.
 */
async function refuseWrites({ sql }: World): Promise<void> {
  await sql`create schema if not exists chaos`
  await sql`create sequence if not exists chaos.refused`
  await sql`
    create or replace function chaos.no_space() returns trigger language plpgsql security definer as $$ begin
      perform nextval('chaos.refused');
      raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
    end $$`
  for (const table of await tables(sql)) {
    await impatiently(
      sql,
      `create or replace trigger no_space before insert or update on ${table} execute function chaos.no_space()`,
    )
  }
}

/** Lets writes pass again. @returns how many were refused. */
async function takeWrites({ sql, timeline }: World): Promise<number> {
  for (const table of await tables(sql)) await impatiently(sql, `drop trigger if exists no_space on ${table}`)
  const [row] = await sql`select case when is_called then last_value else 0 end as refused from chaos.refused`
  await sql`drop schema chaos cascade`
  timeline.note(`${row?.refused} writes found no space`)
  return Number(row?.refused)
}

/** Lists tables with their schema. */
async function tables(sql: postgres.Sql): Promise<string[]> {
  return (await sql`select tablename from pg_tables where schemaname = 'zkpow'`).map(
    ({ tablename }) => `zkpow.${tablename}`,
  )
}

/**
 * Gives up early, for whoever waits for a table's lock holds up all who come later. Both statements go in one message:
 * a transaction of this driver ends the process when its connection is lost, as `db/connection/guard-transactions.ts`
 * says, and another fault may kill the server just now.
 */
async function impatiently(sql: postgres.Sql, statement: string): Promise<void> {
  await sql.unsafe(`set local lock_timeout = '1s'; ${statement}`)
}
