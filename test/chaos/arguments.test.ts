import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { namesOf, wholeNumber } from './arguments.ts'

describe('a count', () => {
  test.each(['1', '200'])('%s', (text) => expect(wholeNumber(1)(text)).toBe(Number(text)))

  test.each(['0', '-1', 'abc', '', ' ', '1.5', '3x', '1e2', '0x10', '99999999999999999999'])('is not "%s"', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('Expected a whole number from 1.')
  })
})

describe('names', () => {
  test('are told apart by commas', () => expect(namesOf(['a', 'b', 'c'])('a,c')).toEqual(['a', 'c']))

  test.each(['d', 'a,d', '', 'a,', 'a, b'])('are not "%s"', (text) => {
    expect(() => namesOf(['a', 'b'])(text)).toThrow(/^Not known: ".*"\. There are: a, b\.$/)
  })
})

// Such a command runs nothing, and must not look as if everything had held.
describe('a command that would run nothing is refused', () => {
  test.each([
    {
      file: 'run.ts',
      args: ['--only', 'prover-killed,prover-kiled'],
      says: 'Not known: "prover-kiled". There are: aggregator-killed,',
    },
    { file: 'run.ts', args: ['--seeds', '0'], says: 'Expected a whole number from 1.' },
    { file: 'run.ts', args: ['--jobs', '0'], says: 'Expected a whole number from 1.' },
    {
      file: 'breakages/run.ts',
      args: ['verify-skipped', 'verify-skiped'],
      says: 'Allowed choices are broadcast-before-storing,',
    },
  ])('$file $args', async ({ file, args, says }) => {
    const { code, stderr } = await runCommand(file, args)
    expect(stderr).toContain(says)
    expect(code).toBe(1)
  })
})

function runCommand(file: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], (error, _stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    )
  })
}
