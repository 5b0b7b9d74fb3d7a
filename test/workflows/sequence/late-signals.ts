import * as wf from '@temporalio/workflow'
import { holdSignal } from '../../../protocol/temporal/messages.ts'

/** How long the first word waits for another that overtakes it, ms. */
const PATIENCE_MS = 5_000

/**
 * Delivers a workflow's first word about a hold after its second, if that is sent meanwhile. A busy server may do so
 * with any two signals that are under way together (findings/temporal-signals-between-workflows.sh).
 */
export const interceptors: wf.WorkflowInterceptorsFactory = () => {
  let asked = 0
  let isSecondTold = false
  return {
    outbound: [
      {
        async signalWorkflow(input, next) {
          if (input.signalName !== holdSignal.name) return next(input)
          asked += 1
          const isFirst = asked === 1
          if (isFirst) await wf.condition(() => isSecondTold, PATIENCE_MS)
          await next(input)
          isSecondTold ||= !isFirst
        },
      },
    ],
  }
}
