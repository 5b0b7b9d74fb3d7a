import { ContractRevertedError, EndpointsDisagreeError, NoContractError, RpcUnavailableError } from '../errors.ts'
import { type Endpoint, SLOW_MS } from './endpoint.ts'

/** An answer, compared by `key`; a revert and an address without a contract are answers too. */
type Answer<T> = { key: string; settle: () => T }
type Verdict<T> = Answer<T> | { failure: unknown }

/**
 * Finds the answer that `agreement` endpoints give alike: it asks as many, and one more for each that fails, differs or
 * hesitates.
 * @param what names the question in errors.
 * @throws EndpointsDisagreeError when they differ; RpcUnavailableError when too few answer.
 */
export async function agreeAmong<T>(
  all: readonly Endpoint[],
  agreement: number,
  what: string,
  ask: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  const waiting = [...all].sort((a, b) => Number(a.isShunned()) - Number(b.isShunned()))
  const pending = new Set<Promise<unknown>>()
  const verdicts: Verdict<T>[] = []
  const askMore = (count: number) => {
    for (const endpoint of waiting.splice(0, count)) {
      const asked = verdictOf(endpoint, ask).then((verdict) => {
        verdicts.push(verdict)
        pending.delete(asked)
      })
      pending.add(asked)
    }
  }
  for (askMore(agreement); pending.size > 0; ) {
    const isSlow = await isAnyLate(pending)
    const most = mostAlike(verdicts)
    if (most.length >= agreement && most[0]) return most[0].settle()
    askMore(Math.max(agreement - most.length - pending.size, isSlow ? 1 : 0))
  }
  const failures = verdicts.flatMap((verdict) => ('failure' in verdict ? [verdict.failure] : []))
  const answers = all.length - failures.length
  if (answers < agreement) throw tooFewAnswers(failures)
  throw new EndpointsDisagreeError({ what, agreement, answers, endpoints: all.length })
}

function mostAlike<T>(verdicts: readonly Verdict<T>[]): Answer<T>[] {
  const answers = verdicts.flatMap((verdict) => ('failure' in verdict ? [] : [verdict]))
  const groups = answers.map(({ key }) => answers.filter((other) => other.key === key))
  return groups.sort((a, b) => b.length - a.length)[0] ?? []
}

/** Waits for one of them; answers true when none came in good time. */
async function isAnyLate(pending: ReadonlySet<Promise<unknown>>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, SLOW_MS, true)
  })
  const first = await Promise.race([late, ...pending])
  clearTimeout(timer)
  return first === true
}

async function verdictOf<T>(endpoint: Endpoint, ask: (endpoint: Endpoint) => Promise<T>): Promise<Verdict<T>> {
  try {
    const value = await ask(endpoint)
    return { key: canonical(value), settle: () => value }
  } catch (failure) {
    const isAnswer = failure instanceof ContractRevertedError || failure instanceof NoContractError
    if (!isAnswer) return { failure }
    const settle = (): never => {
      throw failure
    }
    return { key: failure instanceof NoContractError ? 'no contract' : `reverted: ${failure.errorName}`, settle }
  }
}

/** Makes the error of a question that too few have answered: the failure, or one that names all. */
export function tooFewAnswers(failures: readonly unknown[]): unknown {
  const [first] = failures
  const unavailable = failures.filter((failure) => failure instanceof RpcUnavailableError)
  return unavailable.length > 1 && unavailable.length === failures.length
    ? RpcUnavailableError.ofAll(unavailable)
    : first
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'undefined'
