import type { StakeIntent } from '../sender/intent.ts'

/**
 * What a workflow says of itself in its memo, where everybody reads it without asking: also when no aggregator runs, and when the workflow can't go on.
 * Rows say what the last look came to, so this is only what no row says.
 */
export interface WorkflowMemo {
  /** What goes wrong and is tried again, plain and bounded; null when nothing does. */
  trouble?: string | null
  /** A sender's stakes that are seen to. */
  stakes?: StakeInWork[] | null
}

/** A stake that a sender sees to. */
export interface StakeInWork {
  /** What was asked for: a sender that is started anew after its run was lost goes on with it. */
  intent: StakeIntent
  /** How it stands, one sentence. */
  standing: string
}
