import { text } from 'drizzle-orm/pg-core'
import { moment, ordinal, range } from './columns.ts'
import { zkpow } from './zkpow.ts'

/**
 * Who replays a rollup's state at the moment, for which sequence, and how far it is. A row and no lock of Postgres: a lock would hold a
 * connection for the whole replay, and a pooler shares sessions between clients.
 */
export const replays = zkpow.table('replays', {
  rollup: text().primaryKey(),
  holder: text().notNull(),
  ...range(),
  batchNum: ordinal().notNull(), // the last one that is executed
  startedAt: moment().notNull(),
  expiresAt: moment().notNull(),
})
