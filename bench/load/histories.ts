import type { Client, WorkflowHandle } from '@temporalio/client'
import type { ProofTask, ProofUpload } from '../../protocol/proof/task.ts'

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number]

/** What histories hold of some time. */
export interface HistoryCounts {
  events: number
  workflowTasks: number
  /** Activities that went through the server, those of provers included. */
  remoteActivities: number
  /** Activities that ran within a workflow task. */
  localActivities: number
}

/** An activity of a prover, as a history has it. */
export interface ProvedTask {
  task: Pick<ProofTask, 'stage' | 'from' | 'to' | 'children'>
  upload: Pick<ProofUpload, 'sha256' | 'durationMs'>
  /** Moments, ms since 1970 with fractions. */
  scheduledAt: number
  startedAt: number
  reportedAt: number
}

export interface ReadHistories {
  /** Counts of workflows that ask provers. */
  proving: HistoryCounts
  all: HistoryCounts
  /** The most that one run's history holds, of whatever time. */
  most: { events: number; bytes: number }
  tasks: ProvedTask[]
}

/** Reads what happened in all workflows of a namespace from one moment to another. */
export async function readHistories(client: Client, time: { from: number; to: number }): Promise<ReadHistories> {
  const read: ReadHistories = { proving: noCounts(), all: noCounts(), most: { events: 0, bytes: 0 }, tasks: [] }
  for await (const { workflowId, runId } of client.workflow.list()) {
    const workflow = client.workflow.getHandle(workflowId, runId)
    const { events } = await workflow.fetchHistory()
    const { historySize = 0 } = await workflow.describe()
    read.most.events = Math.max(read.most.events, events?.length ?? 0)
    read.most.bytes = Math.max(read.most.bytes, historySize)
    const inTime = (events ?? []).filter((event) => time.from <= momentOf(event) && momentOf(event) <= time.to)
    const tasks = provedTasks(inTime)
    read.tasks.push(...tasks)
    const counts = countEvents(inTime)
    addCounts(read.all, counts)
    if (tasks.length > 0) addCounts(read.proving, counts)
  }
  return read
}

const noCounts = (): HistoryCounts => ({ events: 0, workflowTasks: 0, remoteActivities: 0, localActivities: 0 })

function addCounts(sum: HistoryCounts, counts: HistoryCounts): void {
  for (const what of Object.keys(sum) as (keyof HistoryCounts)[]) sum[what] += counts[what]
}

/** Counts the events of one history. */
function countEvents(events: readonly Event[]): HistoryCounts {
  const count = (is: (event: Event) => boolean) => events.filter(is).length
  return {
    events: events.length,
    workflowTasks: count((event) => Boolean(event.workflowTaskCompletedEventAttributes)),
    remoteActivities: count((event) => Boolean(event.activityTaskScheduledEventAttributes)),
    localActivities: count((event) => event.markerRecordedEventAttributes?.markerName === 'core_local_activity'),
  }
}

/** Finds the tasks that provers reported. */
function provedTasks(events: readonly Event[]): ProvedTask[] {
  const byId = new Map(events.map((event) => [Number(event.eventId), event]))
  return events.flatMap((event) => {
    const completed = event.activityTaskCompletedEventAttributes
    const scheduled = byId.get(Number(completed?.scheduledEventId))
    const started = byId.get(Number(completed?.startedEventId))
    const asked = scheduled?.activityTaskScheduledEventAttributes
    if (!scheduled || !started || asked?.activityType?.name !== 'prove') return []
    return [
      {
        task: fromPayload<ProofTask>(asked.input),
        upload: fromPayload<ProofUpload>(completed?.result),
        scheduledAt: momentOf(scheduled),
        startedAt: momentOf(started),
        reportedAt: momentOf(event),
      },
    ]
  })
}

function fromPayload<T>(payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined): T {
  return JSON.parse(Buffer.from(payloads?.payloads?.[0]?.data ?? []).toString())
}

const momentOf = ({ eventTime }: Event): number =>
  Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6
