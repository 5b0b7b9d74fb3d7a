import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { descendantsOf } from '../../support/process-table.ts'
import { endAll, untilGone } from '../../support/processes.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

vi.setConfig({ testTimeout: 90_000 }) // whole stacks start on a busy machine

const HOLDER = fileURLToPath(new URL('./fixtures/stack-holder.ts', import.meta.url))

test.each([
  { how: 'an orderly stop', end: (holder: ChildProcess) => holder.stdin?.end(), code: 0, signal: null },
  { how: 'an exception', end: (holder: ChildProcess) => holder.stdin?.write('throw'), code: 1, signal: null },
  {
    how: 'Ctrl-C, which a terminal sends to the whole process group',
    end: signalGroup('SIGINT'),
    code: 130,
    signal: null,
  },
  { how: 'SIGTERM', end: signalGroup('SIGTERM'), code: 143, signal: null },
  { how: 'SIGKILL to the whole process group', end: signalGroup('SIGKILL'), code: null, signal: 'SIGKILL' },
])('leaves no process after $how', async ({ end, code, signal }) => {
  const { holder, below } = await startHolder()
  const exit = once(holder, 'exit')
  end(holder)
  expect(await exit).toEqual([code, signal])
  await untilGone(below)
})

test('leaves no process when somebody kills the supervisor', async () => {
  const { holder, below } = await startHolder()
  const [supervisor = 0] = below
  process.kill(supervisor, 'SIGKILL')
  await untilGone(below)
  holder.stdin?.end()
  expect(await once(holder, 'exit')).toEqual([0, null])
})

async function startHolder(): Promise<{ holder: ChildProcess; below: number[] }> {
  const folder = await scratchFolder()
  const holder = spawn(process.execPath, [HOLDER, folder], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const below: number[] = []
  onTestFinished(async () => {
    holder.kill('SIGKILL')
    await endAll(below)
  })
  const [line] = await once(holder.stdout, 'data')
  expect(String(line)).toBe('ready\n')
  below.push(...descendantsOf(holder.pid ?? 0))
  // They are supervisor, Temporal, anvil, shell and its child, Postgres and its children.
  expect(below.length).toBeGreaterThan(8)
  return { holder, below }
}

function signalGroup(signal: NodeJS.Signals) {
  return (holder: ChildProcess) => process.kill(-(holder.pid ?? 0), signal)
}
