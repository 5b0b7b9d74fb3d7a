#!/usr/bin/env bash
# Software: viem 2.57.1, `waitForTransactionReceipt`, at a node that tells of a block a moment before its receipts (geth
#           does, and more so when it is busy) on a chain that makes no block while there is nothing to put into one.
# Guess:    it polls for the receipt, so it has it within a polling interval of its being there.
# Seen:     it asks for each new block only, twice within half a second. A receipt that is there two seconds after its
#           block isn't asked for until another block comes: with polling every 50 ms it times out after 8 s.
# Why it matters: a deployment hangs for ever for a transaction that was mined long ago, and only on a busy machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund viem@2.57.1
cat > see.js <<'JS'
import { createServer } from 'node:http'
import { createPublicClient, http } from 'viem'

const hash = `0x${'11'.repeat(32)}`
const blockHash = `0x${'22'.repeat(32)}`
const address = `0x${'33'.repeat(20)}`
const zeros = (bytes) => `0x${'00'.repeat(bytes)}`
const place = { transactionIndex: '0x0', blockHash, blockNumber: '0x5', from: address, to: address }
const transaction = { ...place, hash, nonce: '0x0', gas: '0x5208', gasPrice: '0x1', value: '0x0', input: '0x', type: '0x0', v: '0x1b', r: zeros(32), s: zeros(32) }
const receipt = { ...place, transactionHash: hash, status: '0x1', gasUsed: '0x5208', cumulativeGasUsed: '0x5208', effectiveGasPrice: '0x1', logs: [], logsBloom: zeros(256), contractAddress: null, type: '0x0' }
const began = Date.now()
const asked = []
const answer = (method) => {
  if (method === 'eth_blockNumber') return '0x5'
  if (method === 'eth_getTransactionByHash') return transaction
  if (method !== 'eth_getTransactionReceipt') return null
  asked.push(Date.now() - began)
  return Date.now() - began < 2_000 ? null : receipt // the node has it two seconds after the block
}
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  const { id, method } = JSON.parse(body)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answer(method) }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = createPublicClient({ pollingInterval: 50, transport: http(`http://127.0.0.1:${server.address().port}`) })
const outcome = await client.waitForTransactionReceipt({ hash, timeout: 8_000 }).then(
  () => 'a receipt',
  (error) => error.name,
)
console.log(`${outcome}; the receipt was asked for ${asked.length} times, the last time after ${asked.at(-1)} ms of ${Date.now() - began}`)
const isAsDescribed = outcome === 'WaitForTransactionReceiptTimeoutError' && asked.at(-1) < 2_000
console.log(isAsDescribed ? 'as described' : 'CHANGED')
process.exit(isAsDescribed ? 0 : 1)
JS
node see.js
