#!/usr/bin/env bash
# Software: @temporalio/workflow and worker 1.24.0, Temporal CLI 1.8.2's development server: a workflow that asks three
#           local activities at once, and has a loop that tells another workflow whenever the number of answers changes.
# Guess:    that is deterministic, as it is with three activities of the server: no clock, no chance, and what the loop
#           sees follows from the answers, whose order is in the history.
# Seen:     while it runs each answer comes by itself, so the loop tells three times. In a replay the answers that were
#           recorded in one workflow task come together, so the loop tells once, and the replay fails with TMPRL1100.
#           Asked one after the other, the very same activities replay.
# Also:     a local activity's failure is the bare ApplicationFailure, not an ActivityFailure with it as its cause.
# Why it matters: such a workflow looks healthy until it is evicted or its worker starts anew, and is dead from then on.
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

const { answer, refuse } = wf.proxyLocalActivities({ startToCloseTimeout: '5 seconds', retry: { maximumAttempts: 1 } })
const news = wf.defineSignal('news')

export async function listener() {
  let isOver = false
  wf.setHandler(news, (n) => void (isOver ||= n === 3))
  await wf.condition(() => isOver)
}

export async function asker({ listener, isInTurn }) {
  let answers = 0
  const ask = async (ms) => {
    await answer(ms)
    answers += 1
  }
  const telling = tell()
  if (isInTurn) for (const ms of [50, 200, 350]) await ask(ms)
  else await Promise.all([50, 200, 350].map(ask))
  await telling

  async function tell() {
    let told = 0
    while (told < 3) {
      await wf.condition(() => answers !== told)
      told = answers
      await wf.getExternalWorkflowHandle(listener).signal(news, told)
    }
  }
}

export const failing = () => refuse().then(
  () => 'no failure',
  (error) => error.constructor.name,
)
JS
cat > see.js <<'JS'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ApplicationFailure } from '@temporalio/client'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
const executable = { type: 'existing-path', path: fileURLToPath(new URL('temporal', import.meta.url)) }
const env = await TestWorkflowEnvironment.createLocal({ server: { executable } })
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url))
const activities = {
  answer: (ms) => setTimeout(ms),
  refuse: () => Promise.reject(ApplicationFailure.nonRetryable('no')),
}
const worker = await Worker.create({ connection: env.nativeConnection, taskQueue: 'local', workflowsPath, activities })
const start = (type, workflowId, ...args) => env.client.workflow.start(type, { taskQueue: 'local', workflowId, args })

/** What a replay of a finished workflow says. */
async function replay(isInTurn) {
  const listener = `listener, in turn: ${isInTurn}`
  await start('listener', listener)
  const asker = await start('asker', `asker, in turn: ${isInTurn}`, { listener, isInTurn })
  await asker.result()
  const history = await asker.fetchHistory()
  const said = await Worker.runReplayHistory({ workflowsPath }, history).then(
    () => 'replays',
    (error) => /TMPRL\d+/.exec(error.message)?.[0] ?? error.message,
  )
  console.log(`in turn: ${isInTurn}: ${said}`)
  return said
}

const seen = await worker.runUntil(async () => ({
  together: await replay(false),
  inTurn: await replay(true),
  failure: await (await start('failing', 'failing')).result(),
}))
await env.teardown()
console.log(seen)
const isDescribed = seen.together === 'TMPRL1100' && seen.inTurn === 'replays' && seen.failure === 'ApplicationFailure'
console.log(isDescribed ? 'as described: local activities that run together are replayed in one go' : 'CHANGED')
process.exit(isDescribed ? 0 : 1)
JS
node see.js
