#!/usr/bin/env bash
# Software: anvil 1.7.1 (npm package `@foundry-rs/anvil`), `eth_simulateV1`.
# Guess:    without overrides the first simulated block is the one after the block that the simulation builds on, as
#           with geth.
# Seen:     it has the very number of that block, so contracts see block.number one too low and windows seem open or
#           closed a block off. With blockOverrides.number the simulated block has the number that is asked for.
# Why it matters: who tries a call in the next block must name that block's number.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${anvil:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --allow-scripts=@foundry-rs/anvil @foundry-rs/anvil@1.7.1 2>/dev/null || npm install --silent --no-audit --no-fund @foundry-rs/anvil@1.7.1
port=$((20000 + RANDOM % 20000))
node_modules/.bin/anvil --port "$port" --silent &
anvil=$!
cat > see.js <<'JS'
const url = `http://127.0.0.1:${process.argv[2]}`
const ask = async (method, params) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = await answer.json()
  if (error) throw new Error(JSON.stringify(error))
  return result
}
for (let tries = 0; ; tries++) {
  try {
    await ask('eth_chainId', [])
    break
  } catch (error) {
    if (tries > 100) throw error
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
await ask('anvil_mine', ['0x5'])
const head = Number(await ask('eth_blockNumber', []))
const simulate = async (blockOverrides) => {
  const [block] = await ask('eth_simulateV1', [{ blockStateCalls: [{ ...(blockOverrides && { blockOverrides }), calls: [] }] }, 'latest'])
  return Number(block.number)
}
const plain = await simulate()
const named = await simulate({ number: `0x${(head + 1).toString(16)}` })
console.log(`head ${head}; simulated without overrides in block ${plain}; with the next number asked for in block ${named}`)
const isAsDescribed = plain === head && named === head + 1
console.log(isAsDescribed ? 'as described' : 'CHANGED')
process.exit(isAsDescribed ? 0 : 1)
JS
node see.js "$port"
