import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { drawPlan } from '../plans/draw-plan.ts'
import { createTimeline } from '../report/timeline.ts'
import { createUndo } from './undo.ts'
import { createWorld } from './world.ts'

test('a world that can not be had leaves nothing behind', async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('TMPDIR', await scratchFolder())
  const timeline = createTimeline(() => {})
  await expect(createWorld(drawPlan(1), timeline, { artifacts: {}, env: {} })).rejects.toThrow('There is no contract')
  expect(await readdir(tmpdir())).toEqual([])
  const { stdout: running } = await promisify(execFile)('ps', ['-eo', 'args'])
  expect(running.split('\n').filter((one) => one.includes(tmpdir()))).toEqual([])
})

test('what was begun is ended in the opposite order, whatever one of its parts throws', async () => {
  const ended: string[] = []
  const undo = createUndo()
  undo.add(async () => ended.push('first'))
  undo.add(async () => {
    throw new Error('it hangs on')
  })
  undo.add(async () => ended.push('last'))
  await expect(undo.all()).rejects.toThrow('it hangs on')
  expect(ended).toEqual(['last', 'first'])
  await undo.all()
  expect(ended).toEqual(['last', 'first'])
})
