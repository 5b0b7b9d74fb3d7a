import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { ProverFailure, Stage } from '../../protocol/proof/task.ts'
import { hash, moment, range, zkpow } from './columns.ts'

/** Tasks that provers failed and that wait for an operator. A lifted quarantine stays as history. */
export const taskQuarantines = zkpow.table(
  'task_quarantines',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    taskId: hash().notNull(),
    rollup: text().notNull(),
    stage: text().$type<Stage>().notNull(),
    ...range(),
    reason: text().notNull(),
    failures: jsonb().$type<ProverFailure[]>().notNull().default([]), // which provers, why and when
    quarantinedAt: moment().notNull().default(sql`now()`),
    liftedAt: moment(),
    liftedBy: text(),
  },
  (t) => [
    // A task has one current quarantine; `quarantineTask` and `findTaskState` go through it.
    uniqueIndex('task_quarantines_current_idx').on(t.taskId).where(sql`lifted_at is null`),
    index('task_quarantines_rollup_idx').on(t.rollup, t.from), // `listTaskQuarantines` uses it
  ],
)
