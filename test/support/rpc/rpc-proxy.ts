import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const TYPE = { 'content-type': 'application/json' }

/** A JSON-RPC request as a node gets it. */
export interface RpcCall {
  id: number
  method: string
  params: unknown[]
}

/** What the proxy does with a call instead of forwarding it; undefined forwards. */
export type Fault =
  | { kind: 'hang' }
  | { kind: 'hang-in-body' }
  /** The node gets the call; its answer never arrives. */
  | { kind: 'lost' }
  | { kind: 'status'; status: number; body: string }
  | { kind: 'error'; code: number; message: string; data?: string }
  /** The node never gets the call, and the caller an answer. */
  | { kind: 'made-up'; result: unknown }
  | { kind: 'answer'; change: (result: never) => unknown }
  /** The node gets the call; what it answers is taken for a result or for an error. */
  | { kind: 'replace'; answer: (result: unknown) => object | Promise<object> }
  /** The node gets other parameters. */
  | { kind: 'forward'; params: () => Promise<unknown[]> }

/** A JSON-RPC proxy in front of a real node that misbehaves as told. */
export interface RpcProxy {
  readonly port: number
  readonly url: string
  /** Decides about every call; replace it at will. */
  fault: (call: RpcCall) => Fault | undefined
  /** Tells what a request of several calls is answered with instead of being carried out; replace it at will. */
  refuseBatch: (calls: readonly RpcCall[]) => { status: number; body: unknown } | 'drop' | undefined
  /** Changes the list of answers to a request of several calls; replace it at will. */
  changeAnswers: (answers: readonly object[]) => unknown
  /** What was called. */
  readonly calls: RpcCall[]
  /** HTTP requests so far; several calls can come in one. */
  requests: number
  close(): Promise<void>
}

type Played = Pick<RpcProxy, 'fault' | 'refuseBatch' | 'changeAnswers' | 'calls' | 'requests'>

/** @param target address of the real node. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const proxy: Played = {
    fault: () => undefined,
    refuseBatch: () => undefined,
    changeAnswers: (all) => all,
    calls: [],
    requests: 0,
  }
  const server = createServer((request, response) => {
    serve(target, proxy, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return Object.assign(proxy, { port, url: `http://127.0.0.1:${port}`, close })
}

async function serve(target: string, proxy: Played, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: RpcCall | RpcCall[] = JSON.parse(await textOf(request))
  const calls = [body].flat().map((call) => ({ ...call, params: call.params ?? [] }))
  proxy.calls.push(...calls)
  proxy.requests += 1
  const refusal = Array.isArray(body) ? proxy.refuseBatch(calls) : undefined
  if (refusal === 'drop') return void response.destroy()
  if (refusal !== undefined) return void response.writeHead(refusal.status, TYPE).end(JSON.stringify(refusal.body))
  const faults = calls.map((call) => proxy.fault(call))
  if (faults.some((fault) => fault?.kind === 'hang')) return
  const status = faults.find((fault) => fault?.kind === 'status')
  if (status?.kind === 'status')
    return void response.writeHead(status.status, { 'content-type': 'text/plain' }).end(status.body)
  const answers = await Promise.all(calls.map((call, i) => answer(target, call, faults[i])))
  if (faults.some((fault) => fault?.kind === 'lost')) return void response.destroy()
  response.writeHead(200, TYPE)
  const text = JSON.stringify(Array.isArray(body) ? proxy.changeAnswers(answers) : answers[0])
  if (faults.some((fault) => fault?.kind === 'hang-in-body')) return void response.write(text.slice(0, 5))
  response.end(text)
}

async function answer(target: string, call: RpcCall, fault: Fault | undefined): Promise<object> {
  const head = { jsonrpc: '2.0', id: call.id }
  if (fault?.kind === 'error') return { ...head, error: { code: fault.code, message: fault.message, data: fault.data } }
  if (fault?.kind === 'made-up') return { ...head, result: fault.result }
  const params = fault?.kind === 'forward' ? await fault.params() : call.params
  const response = await fetch(target, { method: 'POST', headers: TYPE, body: JSON.stringify({ ...call, params }) })
  const real = (await response.json()) as { result?: never }
  if (fault?.kind === 'replace' && 'result' in real) return { ...head, ...(await fault.answer(real.result)) }
  return fault?.kind === 'answer' && 'result' in real
    ? { ...head, result: await fault.change(real.result as never) }
    : real
}

/** Reads the whole body of a request. */
export async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
