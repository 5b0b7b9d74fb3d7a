import * as wf from '@temporalio/workflow'
import { plainText } from '../protocol/base/plain-text.ts'

/**
 * Waits for a message or for time to pass.
 * @param waitMs null waits for the message alone.
 */
export async function pause(isWoken: () => boolean, waitMs: number | null, summary: string): Promise<void> {
  if (waitMs === null) await wf.condition(isWoken)
  else await wf.condition(isWoken, Math.max(1, waitMs), { summary: summary.slice(0, MAX_SUMMARY_CHARS) })
}

/**
 * Gives a failure's innermost message, which is what an operator can act on. It may be a prover's word, so it is on one
 * line, bounded, and without control characters.
 */
export function failureText(error: unknown): string {
  return plainText(wf.rootCause(error) ?? String(error))
}

/** The Web UI cuts a summary there. The server refuses one above 400 bytes. */
const MAX_SUMMARY_CHARS = 120

/**
 * Makes proxies of the aggregator's activities, which are given up when it has been silent for 10 seconds. Their
 * timeouts are as long as a slow chain may take, and an aggregator that died must not cost a window. They beat every 2
 * seconds, so that four beats may be late.
 */
export const trustedActivities = <Activities>(
  options: Omit<wf.ActivityOptions, 'heartbeatTimeout'>,
): wf.ActivityInterfaceFor<Activities> => wf.proxyActivities<Activities>({ ...options, heartbeatTimeout: '10 seconds' })
