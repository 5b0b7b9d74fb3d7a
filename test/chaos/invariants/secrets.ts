import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../world/world.ts'
import { readEnvironments } from './environments.ts'
import { readLogs } from './read-files.ts'
import { listRuns, readHistories } from './workflows.ts'

/** A place where people or programs read, and all that stands there. */
export interface Place {
  name: string
  text: string
  /** Names of secrets that belong there. */
  mayHold?: readonly string[]
}

/** 7: there is no secret in logs, histories, Web UI, database or a prover's environment. */
export const secretsFound = (places: readonly Place[], secrets: Record<string, string>): string[] =>
  places.flatMap(({ name, text, mayHold = [] }) =>
    Object.entries(secrets)
      .filter(([what, secret]) => !mayHold.includes(what) && formsOf(secret).some((form) => text.includes(form)))
      .map(([what]) => `${name} holds the ${what}`),
  )

/**
 * Reads everywhere that we look.
 * @throws Error where a kind of place doesn't hold what every run leaves there: then the look itself is broken.
 */
export async function readPlaces(world: World): Promise<Place[]> {
  const kinds = {
    logs: readLogs,
    tables: readTables,
    histories: readHistories,
    'the Web UI': readWebUi,
    "Temporal's files": readTemporalFiles,
  }
  const found = await Promise.all(
    Object.entries(kinds).map(async ([kind, read]) => {
      const places = await read(world)
      const isTelling = places.some(({ text }) => text.includes(world.deployment.rollups[0]?.name ?? '-'))
      if (!isTelling) throw new Error(`nothing of the run is to be read in ${kind}`)
      return places
    }),
  )
  return [...found.flat(), ...(await readEnvironments(world))]
}

/**
 * Writes a secret as it is, in capitals (hex digits), percent-encoded, and in base64 at whatever place in a longer text
 * it stands.
 */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(`${' '.repeat(shift)}${secret}`).toString('base64')
    // Digits at both ends also depend on the neighbours.
    return text.slice(Math.ceil((shift * 8) / 6), -4)
  })
  return [secret, secret.toUpperCase(), encodeURIComponent(secret), ...inBase64]
}

/** Reads every table of every schema of ours, bytes as they are. */
async function readTables({ sql }: World): Promise<Place[]> {
  const tables = await sql`
    select table_schema, table_name, string_agg(
      case when data_type = 'bytea' then format('encode(%I, ''escape'')', column_name) else format('%I::text', column_name) end, ', ') as columns
    from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema') group by table_schema, table_name`
  const places = []
  for (const { table_schema: schema, table_name: table, columns } of tables) {
    const rows = await sql.unsafe(`select ${columns} from "${schema}"."${table}"`).values()
    places.push({ name: `table ${schema}.${table}`, text: rows.map((row) => Object.values(row).join('\n')).join('\n') })
  }
  return places
}

/**
 * Reads what its pages ask the server for: the list, and of each run the summary, the history and the Query's answer.
 */
async function readWebUi(world: World): Promise<Place[]> {
  const { temporalUiUrl, temporal } = world.stack
  if (temporalUiUrl === undefined) return []
  const base = `${temporalUiUrl}/api/v1/namespaces/${temporal.namespace}`
  const get = async (path: string, init: RequestInit = {}): Promise<Place> => {
    const text = await (await fetch(`${base}${path}`, init)).text()
    return { name: `Web UI ${path}`, text: `${text}\n${decodedPayloads(text)}` }
  }
  const of = async ({ id, runId }: { id: string; runId: string }): Promise<Place[]> => {
    const [path, run] = [`/workflows/${encodeURIComponent(id)}`, `execution.runId=${runId}`]
    const query = { method: 'POST', headers: { 'content-type': 'application/json' } }
    return Promise.all([
      get(`${path}?${run}`),
      get(`${path}/history?${run}`),
      get(`${path}/query/status`, {
        ...query,
        body: JSON.stringify({ execution: { workflowId: id, runId }, query: { queryType: 'status' } }),
      }),
    ])
  }
  return [await get('/workflows'), ...(await Promise.all((await listRuns(world)).map(of))).flat()]
}

/** Decodes payloads, which stand in base64 in the server's answers. */
const decodedPayloads = (text: string): string =>
  [...text.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)]
    .map(([, data]) => Buffer.from(data ?? '', 'base64').toString('utf8'))
    .join('\n')

/** Reads the server's own database, where things stand that no page shows. */
async function readTemporalFiles({ stack }: World): Promise<Place[]> {
  const folder = join(stack.dataDir, 'temporal')
  const names = await readdir(folder).catch(() => [])
  return Promise.all(
    names.map(async (name) => ({
      name: `Temporal's file ${name}`,
      text: await readFile(join(folder, name), 'latin1'),
    })),
  )
}
