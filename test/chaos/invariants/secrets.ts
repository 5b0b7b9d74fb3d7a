import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../world.ts'
import { readHistories } from './workflows.ts'

/** 7: no secret in logs, histories or the database. */
export async function noSecretAnywhere(world: World): Promise<string[]> {
  const places = [...(await readLogs(world)), ...(await readTables(world)), ...(await readHistories(world))]
  return places.flatMap(({ name, text }) =>
    Object.entries(world.secrets).flatMap(([what, secret]) => (text.includes(secret) ? [`${name} holds the ${what}`] : [])),
  )
}

async function readLogs({ stack }: World) {
  const folder = join(stack.dataDir, 'logs')
  const names = await readdir(folder)
  return Promise.all(names.map(async (name) => ({ name: `log ${name}`, text: await readFile(join(folder, name), 'utf8') })))
}

/** Everything but bytes. */
async function readTables({ sql }: World) {
  const columns = await sql`
    select table_name, string_agg(quote_ident(column_name) || '::text', ', ') as columns from information_schema.columns
    where table_schema = 'zkpow' and data_type <> 'bytea' group by table_name`
  return Promise.all(
    columns.map(async (row) => ({
      name: `table ${row.table_name}`,
      text: JSON.stringify(await sql.unsafe(`select ${row.columns} from zkpow.${row.table_name}`)),
    })),
  )
}
