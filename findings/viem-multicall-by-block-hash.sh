#!/usr/bin/env bash
# Software: viem 2.57.1, a public client with `batch: { multicall: true }` on a chain whose multicall contract is known.
# Guess:    calls that are made in one turn go out together, whichever block they are pinned to, as long as it is one.
# Seen:     two that name the block by its number are one `eth_call`. Two that name it by its hash are two, and nothing
#           says so. `multicall` itself takes a hash, and makes one call.
# Why it matters: whoever pins reads by hash, so that a reorg can't change what a number means, pays for each call.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund viem@2.57.1
cat > see.js <<'JS'
import { createServer } from 'node:http'
import { createPublicClient, encodeAbiParameters, http, parseAbi } from 'viem'

const CONTRACT = `0x${'11'.repeat(20)}`
const MULTICALL = `0x${'ca'.repeat(20)}`
const abi = parseAbi(['function count(uint256) view returns (uint256)'])
const results = encodeAbiParameters(
  [{ type: 'tuple[]', components: [{ type: 'bool' }, { type: 'bytes' }] }],
  [[[true, `0x${'0'.repeat(63)}7`], [true, `0x${'0'.repeat(63)}7`]]],
)
let calls = 0
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  const { id, params } = JSON.parse(body)
  calls += 1
  const result = params[0].to === MULTICALL ? results : `0x${'0'.repeat(63)}7`
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const chain = {
  ...{ id: 31337, name: 'a chain', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 } },
  rpcUrls: { default: { http: [] } },
  contracts: { multicall3: { address: MULTICALL } },
}
const transport = http(`http://127.0.0.1:${server.address().port}`)
const client = createPublicClient({ chain, transport, batch: { multicall: true } })
const questions = [1n, 2n].map((n) => ({ address: CONTRACT, abi, functionName: 'count', args: [n] }))

async function callsOf(ask) {
  const before = calls
  await ask()
  return calls - before
}
const blockHash = `0x${'22'.repeat(32)}`
const seen = {
  byNumber: await callsOf(() => Promise.all(questions.map((one) => client.readContract({ ...one, blockNumber: 5n })))),
  byHash: await callsOf(() => Promise.all(questions.map((one) => client.readContract({ ...one, blockHash })))),
  multicallByHash: await callsOf(() => client.multicall({ contracts: questions, blockHash })),
}
server.close()
console.log(seen)
const isDescribed = seen.byNumber === 1 && seen.byHash === 2 && seen.multicallByHash === 1
console.log(isDescribed ? 'as described: calls by block hash are not gathered' : 'CHANGED')
process.exit(isDescribed ? 0 : 1)
JS
node see.js
