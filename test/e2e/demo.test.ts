import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { descendantsOf } from '../support/process-table.ts'
import { untilGone } from '../support/processes.ts'
import { zkpow } from './zkpow.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('the demo waits for whoever pauses it, and Ctrl-C ends every process that it started', { timeout: 300_000 }, async () => {
  const demo = spawn(process.execPath, [join(ROOT, 'dev', 'demo.ts')], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(demo, 'exit')
  let output = ''
  demo.stdout.on('data', (chunk) => {
    output += chunk
  })
  await eventually('a proof is being made', async () => /\[OUTPUT\] prove/.test(output))
  const started = descendantsOf(demo.pid ?? 0)
  expect(started.length).toBeGreaterThan(6) // supervisor, three servers, aggregator, two provers
  const settings = { configFile: join(/data and logs +(.*)/.exec(output)?.[1] ?? '', 'zkpow.yaml') }
  await zkpow(settings, 'pause', 'payments', '--reason', 'to look around')
  await eventually('the pause is shown', async () => /\[OUTPUT\] held .*: to look around/.test(output))
  const shown = output.length
  await zkpow(settings, 'resume', 'payments', '--reason', 'seen')
  await eventually('it goes on', async () => /\[OUTPUT\] (prove|submit)/.test(output.slice(shown)))
  demo.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  await untilGone(started)
  expect(await readdir(join(ROOT, 'data'))).not.toHaveLength(0) // its logs stay, because it didn't finish
})
