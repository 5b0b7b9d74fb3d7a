import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { environmentsOf } from './environments.ts'
import { secretsFound } from './secrets.ts'

test.runIf(process.platform === 'linux')('what a process has spawned is looked at, too', async () => {
  const grandchild = `spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { stdio: 'inherit', env: { LEAK: 'canary-77' } })`
  const child = spawn(process.execPath, ['-e', `require('node:child_process').${grandchild}`], {
    env: { FINE: '1' },
    detached: true,
  })
  onTestFinished(() => void process.kill(-Number(child.pid), 'SIGKILL'))
  await once(child.stdout, 'data') // the grandchild then runs
  const places = await environmentsOf('p', child.pid)
  expect(places.map(({ text }) => text.includes('FINE=1'))).toEqual([true, false])
  expect(secretsFound(places, { secret: 'canary-77' })).toEqual([`${places[1]?.name} holds the secret`])
})
