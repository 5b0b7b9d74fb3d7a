import { STORE_AWAY_ERRORS } from '../../protocol/proof/prover-errors.ts'
import type { ProverFailure } from '../../protocol/proof/task.ts'

/**
 * Attempts that fail on the prover's side, refused proofs among them, before an operator has to look. Hand-backs and
 * silence don't count here.
 */
const MAX_FAILURES = 5

/**
 * Hand-backs that show that no other prover is left. Most come after half a minute, so this is an hour in which none
 * came free.
 */
const MAX_HAND_BACKS = 120

/** The same where only provers are known that are kept from the task. It says so after five minutes. */
const MAX_HAND_BACKS_ALONE = 10

/** Temporal's priority of a task that waits behind those of every stage. It is the least urgent of five. */
export const LAST_PRIORITY = 5

/** How long a task that an excluded prover drew waits behind all others, and for how many hand-backs that stands. */
export const LAST = { waitMs: 120_000, handBacks: 4 }

/**
 * Hand-backs during which a task that failed waits for a prover that hasn't failed it. That is 3 minutes at most,
 * doubled with each further failure. Then those that failed it may try again, because nobody else takes it.
 */
const OTHERS_FIRST = 6

/**
 * Attempts in a row whose machine fell silent, after which an operator has to look.
 * A machine that dies says nothing about its task, but a task that takes down each machine would go on for ever. There
 * are enough of them that provers may be killed, and the server stopped, some times during one proof.
 */
const MAX_SILENT = 10

/**
 * As many show that the task may need more memory than machines have. The system ends what takes too much without a
 * word.
 */
const SUSPICIOUSLY_SILENT = 3

/**
 * Failures of a prover that was stopped, may not or can't make this very task, or can't reach the store. Another may,
 * once it is free.
 */
const HANDED_BACK = new Set([
  ...['ProverShutdownError', 'ProverExcludedError', 'KeyMismatchError', 'ProverDiskFullError', 'ProverMachineError'],
  ...STORE_AWAY_ERRORS,
  // These are of the SDK, when somebody paused or reset the activity with Temporal's own tools.
  ...['ActivityPause', 'ActivityReset'],
])

/** Failures that a quarantine shows at most. */
const MAX_EVIDENCE = 20

/** How an attempt failed, in words that are safe to show. */
export interface FailedAttempt {
  /**
   * The failure's type. It is `silent` if no beat came any more, and `overdue` if they came until its time was over.
   */
  kind: string
  prover: string
  why: string
}

/** What attempts at one proof have come to since it was last put aside. */
export interface AttemptLog {
  /**
   * @param at ISO text.
   * @returns why an operator has to look. It is null when the task may be tried again.
   */
  note(failure: FailedAttempt, at: string): string | null
  /** Counts the failures that were blamed on a prover. */
  failures(): number
  /** Names the provers that failed the task. */
  failedOn(): string[]
  /** Tells whether others get the task before those that failed it. */
  othersFirst(): boolean
  /**
   * Tells whether the task is offered behind all others next. A prover that may not make it drew it last, and would
   * draw it again before it does anything else. It isn't where only such provers are known, as an operator has to look
   * soon then.
   */
  comesLast(): boolean
  /** Notes that nobody took it while it was offered behind all others. */
  passOver(): void
  /** Tells whether its machines fell silent so often that a larger one is worth a try. */
  mayLackMemory(): boolean
  /** Notes whether any other prover is known that might take the task. */
  onOthers(areKnown: boolean): void
  /** Says how it goes, for operators. */
  trouble(): string
  evidence(): ProverFailure[]
  /** Clears what was noted once an operator has to look. What comes after is counted anew. */
  clear(): void
}

export function attemptLog(): AttemptLog {
  const fresh = () => ({
    failures: 0,
    handBacks: 0,
    waited: 0,
    silent: 0,
    isAlone: false,
    comesLast: false,
    failedOn: new Set<string>(),
    trouble: '',
  })
  let now = fresh()
  let evidence: ProverFailure[] = []
  return {
    note(failure, at) {
      keep(failure, at)
      now.comesLast = failure.kind === 'ProverExcludedError' && !now.isAlone
      if (failure.kind === 'silent') return onSilence(failure)
      return HANDED_BACK.has(failure.kind) ? onHandBack(failure) : onBlame(failure)
    },
    failures: () => now.failures,
    failedOn: () => [...now.failedOn],
    othersFirst: () => now.failures > 0 && now.waited < OTHERS_FIRST * 2 ** (now.failures - 1),
    comesLast: () => now.comesLast,
    passOver() {
      now.comesLast = false
      now.waited += LAST.handBacks
    },
    mayLackMemory: () => now.silent >= SUSPICIOUSLY_SILENT,
    onOthers(areKnown) {
      now.isAlone = !areKnown
    },
    trouble: () => now.trouble,
    evidence: () => evidence,
    clear() {
      now = fresh()
      evidence = []
    },
  }

  function onBlame({ prover, why }: FailedAttempt): string | null {
    now.failures += 1
    now.waited = 0
    now.silent = 0
    now.failedOn.add(prover)
    now.trouble = `failed ${times(now.failures)}, last on ${prover}: ${why}`
    return now.failures >= MAX_FAILURES ? why : null
  }

  function onSilence({ prover, why }: FailedAttempt): string | null {
    now.silent += 1
    if (now.silent >= SUSPICIOUSLY_SILENT) now.trouble = `fell silent ${times(now.silent)} in a row, last on ${prover}`
    return now.silent >= MAX_SILENT ? `it fell silent ${times(now.silent)} in a row: ${why}` : null
  }

  function onHandBack({ kind, prover, why }: FailedAttempt): string | null {
    now.handBacks += 1
    now.waited += 1
    now.trouble = `handed back ${times(now.handBacks)}, last by ${prover}: ${why}`
    const limit = now.isAlone && kind === 'ProverExcludedError' ? MAX_HAND_BACKS_ALONE : MAX_HAND_BACKS
    return now.handBacks >= limit ? `no other prover takes it: ${why}` : null
  }

  function keep({ prover, why }: FailedAttempt, at: string): void {
    const before = evidence.find((one) => one.prover === prover && one.why === why)
    const latest = { prover, why, times: (before?.times ?? 0) + 1, at }
    evidence = [...evidence.filter((one) => one !== before), latest].slice(-MAX_EVIDENCE)
  }
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`)
