#!/usr/bin/env bash
# Software: Temporal CLI 1.8.2's development server, @temporalio/workflow and worker 1.24.0: signals of one workflow to
#           another, by `getExternalWorkflowHandle(id).signal(...)`.
# Guess:    they arrive in the order in which the workflow sent them, as all of its commands are carried out.
# Seen:     signals that are under way together arrive in any order. Each one that is awaited before the next is sent
#           arrives in turn.
# Why it matters: a workflow that tells another of a state ("held", then "not held") leaves it for good with the older
#           word, once a busy server delivers the two in the other order.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module see
go 1.26
require github.com/temporalio/cli v1.8.2
replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f
MOD
go build -mod=mod -o temporal github.com/temporalio/cli/cmd/temporal
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund @temporalio/{worker,client,workflow,testing}@1.24.0
cat > workflows.js <<'JS'
import * as wf from '@temporalio/workflow'

const COUNT = 40
const number = wf.defineSignal('number')

export async function listen() {
  const heard = []
  wf.setHandler(number, (n) => void heard.push(n))
  await wf.condition(() => heard.length === COUNT)
  return heard
}

export async function tell(listener, isInTurn) {
  const handle = wf.getExternalWorkflowHandle(listener)
  const sent = []
  for (let n = 0; n < COUNT; n += 1) {
    sent.push(handle.signal(number, n))
    if (isInTurn) await sent.at(-1)
  }
  await Promise.all(sent)
}
JS
cat > see.js <<'JS'
import { fileURLToPath } from 'node:url'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
const executable = { type: 'existing-path', path: fileURLToPath(new URL('temporal', import.meta.url)) }
const env = await TestWorkflowEnvironment.createLocal({ server: { executable } })
const worker = await Worker.create({
  connection: env.nativeConnection,
  taskQueue: 'signals',
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
})

/** Whether what was heard is in the order in which it was sent. */
async function isInOrder(name, isInTurn) {
  const listening = await env.client.workflow.start('listen', { taskQueue: 'signals', workflowId: name })
  await env.client.workflow.execute('tell', { taskQueue: 'signals', workflowId: `${name} teller`, args: [name, isInTurn] })
  const heard = await listening.result()
  console.log(`${name}: ${heard.join(' ')}`)
  return heard.every((n, i) => n === i)
}

const isDescribed = await worker.runUntil(async () => {
  const inTurn = await isInOrder('in turn', true)
  let together = true
  for (let tries = 0; together && tries < 10; tries += 1) together = await isInOrder(`together ${tries}`, false)
  return inTurn && !together
})
await env.teardown()
console.log(isDescribed ? 'as described: signals that are under way together arrive in any order' : 'CHANGED')
process.exit(isDescribed ? 0 : 1)
JS
node see.js
