import { sql } from 'drizzle-orm'
import type { Db } from './connect.ts'
import { only } from './row-values.ts'
import { query } from './translate-errors.ts'

/** How many connections Postgres has for our login. */
export interface ConnectionRoom {
  /** What all logins but superusers may have together, less what others have now. */
  left: number
  /** What other logins have now, provers among them. */
  ofOthers: number
  maxConnections: number
  /** Kept for superusers, and for logins that we don't need. */
  reserved: number
  /** What the login itself, and all logins of the database together, may have. It is null without a limit. */
  ofLogin: number | null
  ofDatabase: number | null
}

/** Reads how many connections there are for us. Those that our own login has now count as ours. */
export const readConnectionRoom = query(
  'reading the limits of connections',
  async (db: Db): Promise<ConnectionRoom> => {
    const rows = await db.execute<Record<keyof Omit<ConnectionRoom, 'left'>, number>>(sql`
    select current_setting('max_connections')::int as "maxConnections",
      current_setting('superuser_reserved_connections')::int
        + coalesce(current_setting('reserved_connections', true)::int, 0) as "reserved",
      (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user) as "ofLogin",
      (select nullif(datconnlimit, -1) from pg_database where datname = current_database()) as "ofDatabase",
      (select count(*)::int from pg_stat_activity where datid is not null and usename <> current_user) as "ofOthers"`)
    const found = only([...rows])
    return { ...found, left: found.maxConnections - found.reserved - found.ofOthers }
  },
)
