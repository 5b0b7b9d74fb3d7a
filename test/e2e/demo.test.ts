import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { hasGeth } from '../support/nodes/geth.ts'
import { descendantsOf } from '../support/process-table.ts'
import { untilGone } from '../support/processes.ts'
import { bundleWorkflows } from '../workflows/harness.ts'
import { replaysAllOf } from './replays-all.ts'
import { zkpow } from './zkpow.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test.each(['anvil', ...(hasGeth ? ['geth'] : [])])(
  'the demo on %s waits for whoever pauses it, and Ctrl-C ends every process that it started',
  async (node) => {
    const demo = spawn(process.execPath, [join(ROOT, 'dev', 'demo.ts'), '--node', node], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(demo, 'exit')
    let output = ''
    demo.stdout.on('data', (chunk) => {
      output += chunk
    })
    const untilSaid = (what: string, pattern: RegExp, since = 0) =>
      eventually(what, async () => {
        expect(demo.exitCode, 'exit code of the demo, which should still run').toBeNull()
        return pattern.test(output.slice(since))
      })
    await untilSaid('a proof is being made', /\[OUTPUT\] proving/)
    expect(output).toContain(`Postgres, ${node} (`)
    const started = descendantsOf(demo.pid ?? 0)
    expect(started.length).toBeGreaterThan(6) // they are supervisor, three servers, aggregator, two provers
    const settings = { configFile: join(/data and logs +(.*)/.exec(output)?.[1] ?? '', 'zkpow.yaml') }
    await zkpow(settings, 'pause', 'payments', '--reason', 'to look around')
    await untilSaid('the pause is shown', /\[OUTPUT\] held .*: to look around/)
    const shown = output.length
    await zkpow(settings, 'resume', 'payments', '--reason', 'seen')
    await untilSaid('it goes on', /\[OUTPUT\] (proving|submit)/, shown)
    await replaysAllAt(/and Temporal \((.*)\) run/.exec(output)?.[1] ?? '')
    demo.kill('SIGINT')
    expect(await ended).toEqual([130, null])
    await untilGone(started)
    expect(await readdir(join(ROOT, 'data'))).not.toHaveLength(0) // its logs stay, because it didn't finish
  },
)

/** Expects that the histories of all workflows of a server, which work on meanwhile, can be replayed. */
async function replaysAllAt(address: string): Promise<void> {
  const connection = await Connection.connect({ address })
  try {
    await replaysAllOf(new Client({ connection }), await bundleWorkflows())
  } finally {
    await connection.close()
  }
}
