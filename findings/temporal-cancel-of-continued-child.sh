#!/usr/bin/env bash
# Software: Temporal CLI 1.8.2's development server, @temporalio/workflow and worker 1.24.0: a child workflow that has
#           continued as new, and whose parent's cancellation scope is cancelled.
# Guess:    the child is cancelled, as its result and its signals are those of whichever run it is in.
# Seen:     the parent asks for the cancellation of the child's first run, which has ended. The server says that it is
#           done, the child goes on, and a parent that waits for its end waits for good.
#           `getExternalWorkflowHandle(id).cancel()` reaches it.
# Why it matters: a part of a sequence that has continued as new is proved to its end though nobody wants it.
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

const stop = wf.defineSignal('stop')

/** Continues as new so often, and waits then. */
export async function child(runs) {
  if (runs > 0) return wf.continueAsNew(runs - 1)
  await wf.condition(() => false)
}

/** Starts a child and cancels it when told to. @returns how the child has ended. */
export async function parent(childId, runs, isByIdToo) {
  let isStopped = false
  wf.setHandler(stop, () => void (isStopped = true))
  const scope = new wf.CancellationScope()
  const started = await scope.run(() => wf.startChild('child', { workflowId: childId, args: [runs] }))
  await wf.condition(() => isStopped)
  scope.cancel()
  if (isByIdToo) await wf.getExternalWorkflowHandle(childId).cancel()
  const ended = started.result().then(() => 'completed', (error) => (wf.isCancellation(error) ? 'cancelled' : 'failed'))
  return Promise.race([ended, wf.sleep('10 seconds').then(() => 'goes on')])
}
JS
cat > see.js <<'JS'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
const executable = { type: 'existing-path', path: fileURLToPath(new URL('temporal', import.meta.url)) }
const env = await TestWorkflowEnvironment.createLocal({ server: { executable } })
const worker = await Worker.create({
  connection: env.nativeConnection,
  taskQueue: 'children',
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
})

/** How a child ends whose parent cancels it in its last run. */
async function endOf(name, runs, isByIdToo) {
  const args = [name, runs, isByIdToo]
  const parent = await env.client.workflow.start('parent', { taskQueue: 'children', workflowId: `${name}'s parent`, args })
  await setTimeout(3_000) // the child has come to its last run
  await parent.signal('stop')
  const end = await parent.result()
  console.log(`${name}: ${end}`)
  return end
}

const isDescribed = await worker.runUntil(async () => {
  const first = await endOf('in its first run', 0, false)
  const second = await endOf('continued as new', 1, false)
  const byId = await endOf('continued as new, by its id', 1, true)
  return first === 'cancelled' && second === 'goes on' && byId === 'cancelled'
})
await env.teardown()
console.log(isDescribed ? 'as described: a child that has continued as new goes on' : 'CHANGED')
process.exit(isDescribed ? 0 : 1)
JS
node see.js
