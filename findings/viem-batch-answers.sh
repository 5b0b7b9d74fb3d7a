#!/usr/bin/env bash
# Software: viem 2.57.1, `http(url, { batch: true })`.
# Guess:    in a JSON-RPC batch each caller gets the answer that has its id; one that comes back with id null (JSON-RPC
#           2.0 has that for an error of a request that the server could not read) is lost for its own caller at most.
# Seen:     answers are sorted by id, null counts as 0, and they are handed out by their place. One error with id null
#           moves the answers behind it to the next caller: the balance is given to who asked for the gas price, and the
#           error to who asked for the balance.
# Why it matters: with a provider that answers so, a wrong number is taken for the chain's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund viem@2.57.1
cat > see.js <<'JS'
import { createServer } from 'node:http'
import { createPublicClient, http } from 'viem'
const RESULTS = { eth_blockNumber: '0x64', eth_getBalance: '0x1f4', eth_gasPrice: '0x7' }
const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const calls = JSON.parse(text)
  const answers = calls.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: RESULTS[method] }))
  // The last call is refused without its id.
  answers[answers.length - 1] = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'invalid request' } }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answers))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = createPublicClient({ cacheTime: 0, transport: http(`http://127.0.0.1:${server.address().port}`, { batch: true, retryCount: 0 }) })
const asked = [client.getBlockNumber(), client.getBalance({ address: `0x${'11'.repeat(20)}` }), client.getGasPrice()]
const [number, balance, price] = (await Promise.allSettled(asked)).map((one) => (one.status === 'fulfilled' ? one.value : one.reason.name))
console.log({ sent: { number: 100n, balance: 500n, price: 'refused' }, got: { number, balance, price } })
const isShifted = number === 100n && typeof balance === 'string' && price === 500n
console.log(isShifted ? 'as described: the answers behind it moved by one' : 'CHANGED')
server.close()
process.exit(isShifted ? 0 : 1)
JS
node see.js
