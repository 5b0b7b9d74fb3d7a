import * as wf from '@temporalio/workflow'
import {
  type OpenedTask,
  type ProofRequest,
  proofName,
  type ReportedProof,
  type UploadVerdict,
} from '../../protocol/proof/request.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { trustedActivities } from '../waiting.ts'

/** What proving asks of the stores and the server, one thing at a time. */
export const trusted = trustedActivities<ProvingActivities>({
  startToCloseTimeout: '2 minutes', // verifying takes milliseconds, reading the store seconds
  // Hours of proving must not end with a store's restart; the looks show that it is away.
  retry: { maximumInterval: '30 seconds' },
})

const many = trustedActivities<ProvingActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { maximumAttempts: 1 }, // what fails among others is asked for by itself, so that it can't hold them up
})

/** Proofs that one turn verifies at most: the last of them waits for all. */
const MOST_ACCEPTED = 4

/**
 * Tasks that one turn opens at most, those included that its proofs make possible, which are one for each proof. A task
 * is up to 520 bytes with usual names, and no payload is to be as long as a proof.
 */
const MOST_OPENED = 12

/** The stores, as the proofs of one workflow ask them. What they answer is {@link ProvingActivities}'s. */
export interface ProofStore {
  openTask(request: ProofRequest): Promise<OpenedTask>
  acceptProof(reported: ReportedProof): Promise<UploadVerdict>
  /** @param next which proofs are wanted as soon as these hold. They are opened in the turn that accepts these. */
  foresee(next: (accepted: readonly ReportedProof[]) => ProofRequest[]): void
}

type Ask<Asked, Answer> = { asked: Asked } & Pick<PromiseWithResolvers<Answer>, 'resolve' | 'reject'>

/**
 * Has the stores asked by one activity at a time, which takes all that has come up meanwhile: an activity for each look
 * and each verification cost the server and the aggregator more than the looks themselves.
 */
export function storeTurns(): ProofStore {
  // Older runs asked for each by itself.
  if (!wf.patched('stores-asked-in-turns')) return { openTask: openOne, acceptProof: acceptOne, foresee() {} }
  const opens: Ask<ProofRequest, OpenedTask>[] = []
  const accepts: Ask<ReportedProof, UploadVerdict>[] = []
  let nextOf: (accepted: readonly ReportedProof[]) => ProofRequest[] = () => []
  /** Answers that came with an acceptance, until whoever heard of it has gone on. */
  const ahead = new Map<string, OpenedTask>()
  let isAsking = false
  return {
    openTask(request) {
      const known = ahead.get(keyOf(request))
      return known === undefined ? ask(opens, request) : Promise.resolve(known)
    },
    acceptProof: (reported) => ask(accepts, reported),
    foresee(next) {
      nextOf = next
    },
  }

  function ask<Asked, Answer>(queue: Ask<Asked, Answer>[], asked: Asked): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    queue.push({ asked, resolve, reject })
    void askAll()
    return promise
  }

  async function askAll(): Promise<void> {
    if (isAsking) return
    isAsking = true
    for (;;) {
      await untilHeard() // what comes up beside this goes with it
      ahead.clear()
      if (accepts.length + opens.length === 0) break
      const accept = accepts.splice(0, MOST_ACCEPTED)
      await take(accept, opens.splice(0, MOST_OPENED - accept.length))
    }
    isAsking = false
  }

  async function take(accept: typeof accepts, open: typeof opens): Promise<void> {
    const turn = { accept: accept.map(({ asked }) => asked), open: open.map(({ asked }) => asked) }
    try {
      const next = nextOf(turn.accept)
      const answer = await many.acceptAndOpen.executeWithOptions({ summary: summaryOf(turn) }, [{ ...turn, next }])
      answer.next?.forEach((opened, i) => {
        // A quarantine may have been lifted since it was read, and whoever waits for that would wait in vain.
        if (opened.status !== 'quarantined') ahead.set(keyOf(next[i] as ProofRequest), opened)
      })
      accept.forEach(({ resolve }, i) => void resolve(answer.accepted[i] as UploadVerdict))
      open.forEach(({ resolve }, i) => void resolve(answer.opened[i] as OpenedTask))
    } catch (error) {
      for (const { asked, resolve, reject } of accept) alone(error, () => acceptOne(asked)).then(resolve, reject)
      for (const { asked, resolve, reject } of open) alone(error, () => openOne(asked)).then(resolve, reject)
    }
  }
}

/**
 * Resolves when whoever waits for what has just happened has gone on. Conditions are looked at after that, and it takes
 * no event. Nobody hears how it ends, so it mustn't fail when the proofs are given up.
 */
const untilHeard = (): Promise<void> =>
  wf.CancellationScope.nonCancellable(async () => {
    let isPast = false
    const heard = wf.condition(() => isPast)
    isPast = true
    await heard
  })

const alone = async <T>(error: unknown, ask: () => Promise<T>): Promise<T> => {
  if (wf.isCancellation(error)) throw error
  return ask()
}

const openOne: ProofStore['openTask'] = (request) =>
  trusted.openTask.executeWithOptions({ summary: `${proofName(request)}: look in the store` }, [request])

const acceptOne: ProofStore['acceptProof'] = (reported) =>
  trusted.acceptProof.executeWithOptions({ summary: `${proofName(reported.request)}: verify` }, [reported])

const keyOf = (request: ProofRequest): string =>
  [proofName(request), ...request.children.map(({ sha256, size }) => `${sha256} ${size}`)].join(' ')

/** Says what the Web UI shows of a turn. */
function summaryOf({ accept, open }: { accept: ReportedProof[]; open: ProofRequest[] }): string {
  const parts = [
    ...(accept.length === 0 ? [] : [`verify ${named(accept.map(({ request }) => request))}`]),
    ...(open.length === 0 ? [] : [`look in the store for ${named(open)}`]),
  ]
  return parts.join('; ')
}

const named = ([first, ...more]: ProofRequest[]): string =>
  `${first === undefined ? '' : proofName(first)}${more.length === 0 ? '' : ` and ${more.length} more`}`
