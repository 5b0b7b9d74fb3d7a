import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MIB = 2 ** 20
const HELD_BYTES = 300 * MIB

test('the memory of a process is not that of the one that started it', async () => {
  const held = Buffer.alloc(HELD_BYTES, 1) // it is resident, as what a worker has read
  const module = new URL('../../../provers/noir/peak-memory.ts', import.meta.url).href
  const script = `const { ownPeakBytes } = await import('${module}'); console.log(ownPeakBytes())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  expect(held.at(-1)).toBe(1)
  expect(Number(stdout)).toBeGreaterThan(20 * MIB)
  expect(Number(stdout)).toBeLessThan(HELD_BYTES)
})

test('the memory of a process holds its highest, not its last', async () => {
  const module = new URL('../../../provers/noir/peak-memory.ts', import.meta.url).href
  const script = `const { ownPeakBytes } = await import('${module}')
    Buffer.alloc(${HELD_BYTES}, 1)
    gc()
    console.log(ownPeakBytes())`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--input-type=module',
    '--eval',
    script,
  ])
  expect(Number(stdout)).toBeGreaterThan(HELD_BYTES)
})
