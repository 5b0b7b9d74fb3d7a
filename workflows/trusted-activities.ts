import * as wf from '@temporalio/workflow'

/**
 * Activities of the aggregator, given up when it has been silent for 10 seconds: their timeouts are as long as a slow chain
 * may take, and an aggregator that died must not cost a window. They beat every 2 seconds, so that four beats may be late.
 */
export const trustedActivities = <Activities>(options: Omit<wf.ActivityOptions, 'heartbeatTimeout'>): wf.ActivityInterfaceFor<Activities> =>
  wf.proxyActivities<Activities>({ ...options, heartbeatTimeout: '10 seconds' })
