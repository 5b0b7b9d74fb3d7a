import { type CustomTransport, custom, HttpRequestError, RpcRequestError, TimeoutError } from 'viem'
import { getHttpRpcClient } from 'viem/utils'
import { toAnswer } from './answers.ts'

/**
 * Requests that go out as one JSON-RPC batch, and what is tried when an endpoint takes fewer: providers allow a
 * hundred, ten, three or one.
 */
const BATCH_SIZES = [50, 10, 3, 1]

/** How long a learned size holds, ms: it may have been an outage that looked like a limit. */
const LEARNED_MS = 600_000

/** Proofs of 1 MB come back in calldata as 2 MB of hex; a batch holds few of them. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20

/**
 * HTTP statuses of a server that is overloaded or away, whatever it is asked: smaller batches would only be more of
 * them.
 */
const AWAY_STATUSES = [429, 502, 503, 504]

/** The same in JSON-RPC codes: requests a second are used up. */
export const RATE_CODES = [429, -32007, -32029]

/**
 * Codes that a question gets for what it asks. Any other one may be the batch's, so the question is asked again alone.
 */
const OWN_CODES = [3, -32000, -32001, -32003, -32015, -32601, -32602, ...RATE_CODES]

interface Body {
  jsonrpc: '2.0'
  id: number
  method: string
  params: unknown[]
}

type Answer = { result: unknown } | { error: { code: number; message: string; data?: unknown } }
type Outcome = { answer: Answer } | { failure: unknown }

interface Call {
  body: Body
  settle(answer: Answer): void
  fail(error: unknown): void
}

/**
 * Carries viem's actions by JSON-RPC over HTTP. What is asked in one turn of the event loop goes out as one batch.
 *
 * viem's own batches hand out answers by their place after sorting by id, so one element without an id shifts all
 * others to wrong callers, and an error object instead of a list leaves every caller with nothing. Here an answer
 * belongs to who has its id; who has none asks again alone, and an endpoint that refuses a batch gets smaller ones.
 * @param timeoutMs for a question, however often it is asked, answer included.
 */
export function jsonRpc(url: string, timeoutMs: number): CustomTransport {
  const http = getHttpRpcClient(url, { timeout: timeoutMs, maxResponseBodySize: MAX_ANSWER_BYTES })
  const limit = createBatchLimit()
  let waiting: Call[] = []
  let lastId = 0

  const flush = () => {
    const calls = waiting
    waiting = []
    const end = AbortSignal.timeout(timeoutMs)
    const post = async (body: Body | Body[]): Promise<unknown> => {
      // Without this a body that never ends hangs for ever.
      const fetchFn: typeof fetch = (input, init) => fetch(input, { ...init, signal: end })
      return http.request({ body: body as Body, fetchFn })
    }
    sendAll(calls, { post, limit })
  }
  const request = ({ method, params = [] }: { method: string; params?: unknown[] }) =>
    new Promise((resolve, reject) => {
      lastId += 1
      const body: Body = { jsonrpc: '2.0', id: lastId, method, params }
      const settle = (answer: Answer) => {
        try {
          resolve(readValue(body, answer))
        } catch (error) {
          reject(error)
        }
      }
      if (waiting.length === 0) setTimeout(flush)
      waiting.push({ body, settle, fail: reject })
    })
  const transport = custom({ request }, { retryCount: 0 }) // other endpoints and the next look are the retry
  // None of viem's options are set: by them a question that is under way already isn't asked again, and one that hangs
  // would hang for all.
  return (config) => {
    const made = transport(config)
    return { ...made, request: ((asked) => made.request(asked)) as typeof made.request }
  }
}

interface Wire {
  post(body: Body | Body[]): Promise<unknown>
  limit: ReturnType<typeof createBatchLimit>
}

/** Learns how many go out as one. */
function createBatchLimit() {
  let learned: { size: number; atMs: number } | undefined
  const size = () => {
    if (learned !== undefined && performance.now() - learned.atMs > LEARNED_MS) learned = undefined
    return learned?.size ?? Number(BATCH_SIZES[0])
  }
  return {
    size,
    /** Notes that some of a batch of so many weren't answered, and were alone. */
    refused(length: number) {
      learned = { size: Math.min(size(), BATCH_SIZES.find((one) => one < length) ?? 1), atMs: performance.now() }
    },
  }
}

function sendAll(calls: readonly Call[], wire: Wire): void {
  const size = wire.limit.size()
  for (let at = 0; at < calls.length; at += size) void sendSome(calls.slice(at, at + size), wire)
}

async function sendSome(calls: readonly Call[], wire: Wire): Promise<void> {
  const [first, ...others] = calls
  if (first === undefined) return
  if (others.length === 0) return void (await sendAlone(first, wire))
  const left = await sendBatch(calls, wire)
  if (left.length === calls.length) return sendSmaller(first, others, wire)
  const again = await Promise.all(left.map((call) => sendAlone(call, wire)))
  // One that comes without its id is an error that the server has lost it to, half of them a limit.
  if (left.length * 2 >= calls.length && again.some(isTheQuestions)) wire.limit.refused(calls.length)
}

/**
 * Sends a batch again of which nothing was answered: the endpoint is away, or refuses such batches, or the method of
 * one question with all that came with it.
 */
async function sendSmaller(first: Call, others: readonly Call[], wire: Wire): Promise<void> {
  const outcome = await sendAlone(first, wire)
  if (isTheQuestions(outcome)) {
    wire.limit.refused(others.length + 1)
    return sendAll(others, wire)
  }
  // Another method tells whether it is this one alone that the endpoint refuses.
  const other = others.find(({ body }) => body.method !== first.body.method)
  if (other === undefined || ('failure' in outcome && isAway(outcome.failure))) return deliver(others, outcome)
  const left = others.filter((call) => call !== other)
  if (isTheQuestions(await sendAlone(other, wire))) return sendAll(left, wire)
  deliver(left, outcome)
}

async function sendAlone(call: Call, { post }: Wire): Promise<Outcome> {
  const outcome = await post(call.body).then(
    (given): Outcome => {
      const [one] = [given].flat()
      const isOurs = isObject(one) && (one.id === null || one.id === undefined || isId(one.id, call.body.id))
      const answer = isOurs ? toSettled(one) : undefined
      return answer === undefined ? { failure: new Error('No answer to the question.') } : { answer }
    },
    (failure: unknown) => ({ failure }),
  )
  deliver([call], outcome)
  return outcome
}

/** Tells whether an outcome answers the question itself, and doesn't refuse whoever asks. */
const isTheQuestions = (outcome: Outcome): boolean =>
  'answer' in outcome && ('result' in outcome.answer || OWN_CODES.includes(outcome.answer.error.code))

/** @returns who is left without an answer. */
async function sendBatch(calls: readonly Call[], { post }: Wire): Promise<readonly Call[]> {
  let given: unknown
  try {
    given = await post(calls.map(({ body }) => body))
  } catch (failure) {
    if (!isAway(failure)) return calls
    deliver(calls, { failure })
    return []
  }
  if (!Array.isArray(given)) {
    const answer = isObject(given) ? toSettled(given) : undefined
    if (answer === undefined || !('error' in answer) || !RATE_CODES.includes(answer.error.code)) return calls
    deliver(calls, { answer })
    return []
  }
  const answers: unknown[] = given
  return calls.filter((call) => {
    const own = answers.filter((one) => isObject(one)).filter(({ id }) => isId(id, call.body.id))
    const answer = own[0] !== undefined && own.length === 1 ? toSettled(own[0]) : undefined
    if (answer === undefined || !isTheQuestions({ answer })) return true
    deliver([call], { answer })
    return false
  })
}

/**
 * Tells whether the endpoint is away. Erigon closes the connection on a batch that is too long
 * (erigontech/erigon#18074), so only these are no refusals.
 */
function isAway(error: unknown): boolean {
  const isLate =
    error instanceof TimeoutError ||
    (error instanceof Error && error.cause instanceof Error && error.cause.name === 'TimeoutError')
  return (
    isLate || (error instanceof HttpRequestError && error.status !== undefined && AWAY_STATUSES.includes(error.status))
  )
}

function deliver(calls: readonly Call[], outcome: Outcome): void {
  for (const call of calls) {
    if ('answer' in outcome) call.settle(outcome.answer)
    else call.fail(outcome.failure)
  }
}

/** Reads an answer by itself, whatever came with it; undefined when it is none. */
function toSettled(given: Record<string, unknown>): Answer | undefined {
  const { error, result } = given
  if (error === null || error === undefined) return result === undefined ? undefined : { result }
  if (!isObject(error)) return undefined
  const code = Number(error.code)
  const message = typeof error.message === 'string' ? error.message : ''
  return { error: { code: Number.isInteger(code) ? code : -32_603, message, data: error.data } }
}

function readValue({ method, params }: Body, answer: Answer): unknown {
  // The address and the question are left out: nobody may read them.
  if ('error' in answer) throw new RpcRequestError({ body: { method }, error: answer.error, url: '' })
  return toAnswer(method, params, answer.result)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isId = (given: unknown, id: number): boolean => given === id || given === `${id}`
