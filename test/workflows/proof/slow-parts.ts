import * as wf from '@temporalio/workflow'

/** Lets a part of a sequence that is cancelled take its time to end, as on a busy server. */
export const interceptors: wf.WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      async execute(input, next) {
        try {
          return await next(input)
        } catch (error) {
          const isPart = wf.workflowInfo().workflowType === 'proveRange' && wf.isCancellation(error)
          if (isPart) await wf.CancellationScope.nonCancellable(() => wf.sleep('3 seconds'))
          throw error
        }
      },
    },
  ],
})
