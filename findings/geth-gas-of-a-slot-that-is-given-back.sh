#!/usr/bin/env bash
# Software: geth 1.17.10 (Go module github.com/ethereum/go-ethereum), `--dev`, whose newest fork charges created state
#           by itself (EIP-8037).
# Guess:    `maxUsedGas` of `eth_simulateV1`, the most gas that was in use at any time before refunds, is a gas limit
#           under which the call runs; at most a 64th more (EIP-150).
# Seen:     a call that fills an empty slot and empties it again has a maxUsedGas of 33,212 and runs out of gas under
#           three times as much: the slot's charge must be there when it is filled, is given back when it is emptied,
#           and is in neither figure. `eth_estimateGas`, which tries limits, tells what is needed. A slot that stays
#           filled is in maxUsedGas.
# Why it matters: flags that are set and cleared within a call are common (guards against re-entry, credits that are
#           paid out at once), and a transaction with the simulated figure as its limit, even doubled, reverts.
# Needs Go ≥ 1.24; building takes some minutes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${geth:-}" 2>/dev/null || true; wait 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/ethereum/go-ethereum/cmd/geth@v1.17.10
port=$((20000 + RANDOM % 20000))
./geth --dev --datadir "$folder/data" --http --http.port "$port" --http.api eth,web3 --port 0 --ipcdisable --verbosity 1 2> geth.log &
geth=$!
cat > see.mjs <<'JS'
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
    console.log(await ask('web3_clientVersion', []))
    break
  } catch (error) {
    if (tries > 300) throw error
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
const to = '0x000000000000000000000000000000000000c0de'
const from = '0x00000000000000000000000000000000000000aa'
const hex = (number) => `0x${number.toString(16)}`
// PUSH1 1 PUSH1 0 SSTORE, and after it PUSH1 0 PUSH1 0 SSTORE; then STOP.
const codes = { 'fills a slot': '0x600160005500', 'fills a slot and empties it': '0x6001600055600060005500' }
const seen = {}
for (const [what, code] of Object.entries(codes)) {
  const overrides = { [to]: { code } }
  const simulate = async (gas) => {
    const call = { from, to, ...(gas && { gas: hex(gas) }) }
    const [block] = await ask('eth_simulateV1', [{ blockStateCalls: [{ stateOverrides: overrides, calls: [call] }] }, 'latest'])
    return block.calls[0]
  }
  const free = await simulate()
  const max = Number(free.maxUsedGas)
  const runs = async (factor) => (await simulate(Math.ceil(max * factor))).status === '0x1'
  const estimate = Number(await ask('eth_estimateGas', [{ from, to }, 'latest', overrides]))
  seen[what] = { used: Number(free.gasUsed), max, runsUnderMax: await runs(1.02), runsUnderThreeTimes: await runs(3), estimate }
  console.log(what, JSON.stringify(seen[what]))
}
const [stays, goes] = Object.values(seen)
const isAsDescribed =
  stays.runsUnderMax && stays.estimate >= stays.max && !goes.runsUnderMax && !goes.runsUnderThreeTimes && goes.estimate > 3 * goes.max
console.log(isAsDescribed ? 'as described' : 'CHANGED')
process.exit(isAsDescribed ? 0 : 1)
JS
node see.mjs "$port"
