import { sql } from 'drizzle-orm'
import { index, jsonb, text } from 'drizzle-orm/pg-core'
import type { ProverFailure, Stage } from '../../protocol/proof-task.ts'
import { hash, moment, range } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** Tasks that provers failed and that wait for an operator. Lifting deletes the row. */
export const taskQuarantines = zkpow.table(
  'task_quarantines',
  {
    taskId: hash().primaryKey(),
    rollup: text().notNull(),
    stage: text().$type<Stage>().notNull(),
    ...range(),
    reason: text().notNull(),
    failures: jsonb().$type<ProverFailure[]>().notNull().default([]), // which provers, why and when
    quarantinedAt: moment().notNull().default(sql`now()`),
  },
  (t) => [index('task_quarantines_rollup_idx').on(t.rollup, t.from)], // `listTaskQuarantines`
)
