#!/usr/bin/env bash
# Software: geth 1.17.10 (Go module github.com/ethereum/go-ethereum), `--dev`, whose newest fork has Osaka's cap of 2^24
#           = 16,777,216 gas a transaction (EIP-7825).
# Guess:    `eth_simulateV1` with `validation: true` runs a call as the chain would run its transaction, so a gas limit
#           that it takes can be sent.
# Seen:     a call with a gas limit of 2^24 + 1 succeeds in the simulation; the pool refuses a transaction with it.
# Why it matters: who finds out gas limits by simulating learns nothing of the cap, and signs what no pool takes.
# Needs Go ≥ 1.24; building takes some minutes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${geth:-}" 2>/dev/null || true; wait 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/ethereum/go-ethereum/cmd/geth@v1.17.10
./geth --dev --dev.gaslimit 40000000 --datadir "$folder/data" --ipcpath "$folder/ipc" --port 0 --verbosity 1 2> geth.log &
geth=$!
for _ in $(seq 300); do [ -S ipc ] && break; sleep 0.1; done
cat > see.js <<'JS'
var account = eth.accounts[0]
var tell = function (what, ask) {
  try {
    console.log(what + ': ' + JSON.stringify(ask()))
  } catch (error) {
    console.log(what + ': refused, ' + error.message)
  }
}
var limits = { 'the cap': '0x1000000', 'one more': '0x1000001' }
for (var name in limits) {
  var call = { from: account, to: account, value: '0x0', gas: limits[name] }
  tell('simulated with ' + name, function () {
    var fees = { maxFeePerGas: '0x174876e800', maxPriorityFeePerGas: '0x0' }
    var calls = [Object.assign({}, call, fees)]
    var asked = { validation: true, blockStateCalls: [{ calls: calls }] }
    var answer = web3.currentProvider.send({ jsonrpc: '2.0', id: 1, method: 'eth_simulateV1', params: [asked, 'latest'] })
    if (answer.error) throw new Error(answer.error.message)
    return answer.result[0].calls[0].status
  })
  tell('sent with ' + name, function () {
    return eth.sendTransaction(call).length
  })
}
JS
./geth version | grep '^Version'
./geth attach --exec 'loadScript("see.js")' ipc | tee seen
grep -q '^simulated with the cap: "0x1"' seen
grep -q '^simulated with one more: "0x1"' seen
grep -q '^sent with the cap: 66' seen
grep -q '^sent with one more: refused' seen
echo 'As stated above.'
