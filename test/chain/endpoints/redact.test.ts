import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { FatalError, RetryableError } from '../../../protocol/base/errors.ts'
import { textOf } from '../../support/rpc/rpc-proxy.ts'
import { anvilKeys } from '../anvil-keys.ts'

/** Texts of which each must appear nowhere in what is thrown. */
const CANARY = {
  user: 'canary-user',
  password: 'canary-pass',
  path: 'canary-path',
  query: 'canary-query',
  answer: 'canary-answer',
}
const contract = '0xdddddddddddddddddddddddddddddddddddddddd'
const calldata = '0x1806a0370123456789abcdef'

let server: Server
let port = 0
let answer: { status: number; type: string; body: string } = { status: 200, type: 'application/json', body: '' }

beforeAll(async () => {
  server = createServer(async (request, response) => {
    if (answer.body === 'drop') return void request.socket.destroy()
    const calls = [JSON.parse(await textOf(request))].flat()
    // Helpful servers do so: they say back what they got.
    const echo = `${request.url} ${request.headers.authorization} ${CANARY.answer}`
    const body = answer.body.replaceAll('ECHO', echo)
    const batch = /^\{"(error|result)"/.test(body)
      ? `[${calls.map(({ id }) => body.replace('{', `{"jsonrpc":"2.0","id":${id},`)).join()}]`
      : body
    response.writeHead(answer.status, { 'content-type': answer.type, 'x-echo': echo }).end(batch)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  return new Promise<void>((resolve) => server.close(() => resolve()))
})

test.each([
  { why: 'a refusal with a body', given: { status: 401, type: 'text/plain', body: 'bad key in ECHO' } },
  { why: 'too many requests', given: { status: 429, type: 'application/json', body: '{"error":"ECHO"}' } },
  {
    why: 'a JSON-RPC error',
    given: { status: 200, type: 'application/json', body: '{"error":{"code":-32000,"message":"ECHO","data":"ECHO"}}' },
  },
  {
    why: 'a revert',
    given: {
      status: 200,
      type: 'application/json',
      body: '{"error":{"code":3,"message":"execution reverted: ECHO","data":"0x08c379a0"}}',
    },
  },
  { why: 'no JSON', given: { status: 200, type: 'application/json', body: '<html>ECHO</html>' } },
  { why: 'JSON of another form', given: { status: 200, type: 'application/json', body: '[{"ECHO":1}]' } },
  { why: 'a null result', given: { status: 200, type: 'application/json', body: '{"result":null}' } },
  {
    why: 'a wrong type of result',
    given: { status: 200, type: 'application/json', body: '{"result":{"number":"ECHO"}}' },
  },
  { why: 'a dropped connection', given: { status: 200, type: '', body: 'drop' } },
])('$why: an error of ours without any secret', async ({ given }) => {
  answer = given
  for (const failure of await failuresOf(
    `http://${CANARY.user}:${CANARY.password}@127.0.0.1:${port}/v3/${CANARY.path}?key=${CANARY.query}`,
  )) {
    expect(failure instanceof RetryableError || failure instanceof FatalError).toBe(true)
    assertClean(failure)
  }
})

test('an endpoint that is not there, and an address that is none, leak nothing either', async () => {
  const dead = `http://${CANARY.user}:${CANARY.password}@127.0.0.1:1/${CANARY.path}?${CANARY.query}`
  for (const failure of await failuresOf(dead)) assertClean(failure)
  for (const url of [
    `wss://${CANARY.user}:${CANARY.password}@h/${CANARY.path}`,
    `http//${CANARY.path}?${CANARY.query}`,
  ]) {
    expect(() => createChain(options(url))).toThrow(
      expect.objectContaining({ name: 'InvalidChainConfigError', message: expect.not.stringContaining('canary') }),
    )
  }
})

test('a private key is in no text of the account and in no error', () => {
  const key = anvilKeys[0]
  expect(inspect(createMinerAccount(key), { depth: 10, showHidden: true })).not.toContain(key.slice(2))
  expect(JSON.stringify(createMinerAccount(key))).not.toContain(key.slice(2))
  for (const bad of [`${key}00`, key.slice(0, -1), key.replace('a', 'x'), `0x${'00'.repeat(32)}`]) {
    const failure = catchError(() => createMinerAccount(bad))
    expect(failure).toMatchObject({ name: 'MinerKeyError' })
    expect(inspect(failure, { depth: 10 })).not.toContain(bad.slice(2, 20))
  }
})

async function failuresOf(url: string): Promise<unknown[]> {
  const chain = createChain(options(url))
  const at = { number: 1, hash: `0x${'11'.repeat(32)}` } as const
  const range = { from: 1, to: 1 }
  const asked = [
    chain.preflight(),
    chain.agreedBlocks(),
    chain.readOnChain({ contract, range, miner: contract, at }),
    chain.readFeeMarket(at),
    chain.readDeployment({ contract }),
  ]
  const settled = await Promise.allSettled(asked)
  expect(await chain.broadcast(calldata)).not.toEqual({ kind: 'accepted' })
  return settled.map((one) => (one.status === 'rejected' ? one.reason : new Error('was answered')))
}

function assertClean(failure: unknown): void {
  const text = [
    inspect(failure, { depth: 10, showHidden: true }),
    String(failure),
    (failure as Error).stack,
    JSON.stringify(failure),
  ].join('\n')
  expect(text).not.toMatch(/canary/)
  expect(text).not.toContain(`:${port}`)
  expect(text).not.toContain(Buffer.from(`${CANARY.user}:${CANARY.password}`).toString('base64'))
  expect(text).not.toContain('eth_call')
}

function options(url: string) {
  return { chainId: 1, rpcUrls: [url], finality: { confirmations: 1 }, maxFeePerGasWei: 1n, requestTimeoutMs: 500 }
}

function catchError(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
