import type * as wf from '@temporalio/workflow'

/** Lets a minute of a workflow's timers pass in a second. */
export const interceptors: wf.WorkflowInterceptorsFactory = () => ({
  outbound: [{ startTimer: (input, next) => next({ ...input, durationMs: Math.max(1, input.durationMs / 60) }) }],
})
