import { describe, expect, test } from 'vitest'
import { FAULT_NAMES } from '../faults/index.ts'
import { drawPlan } from '../plans/draw-plan.ts'
import { RIVAL_NAMES } from '../plans/rivals.ts'
import { BREAKAGES } from './breakages.ts'
import { patched, readSource } from './broken-tree.ts'

describe.each(BREAKAGES)('$name', ({ patches, only, plans, suits = () => true }) => {
  test.each(patches)('fits $file as it is now', (patch) => {
    const source = readSource(patch.file)
    expect(patched(source, patch)).not.toBe(source)
    // A patch that replaces a text is missed where it was left in the code; one that adds to it would go in twice.
    if (patch.to.includes(patch.from)) expect(source, 'it was left in the code').not.toContain(patch.to)
  })

  test('draws from faults and rivals that exist, and some plan suits', () => {
    const known: readonly string[] = [...FAULT_NAMES, ...RIVAL_NAMES]
    expect((only ?? []).filter((name) => !known.includes(name))).toEqual([])
    const seeds = Array.from({ length: 3_000 }, (_, seed) => seed)
    expect(plans !== undefined || seeds.some((seed) => suits(drawPlan(seed, only)))).toBe(true)
  })
})

test('a text that is missing or stands twice is no place to break', () => {
  const patch = { file: 'x.ts', from: 'a', to: 'b' }
  expect(patched('-a-', patch)).toBe('-b-')
  expect(() => patched('--', patch)).toThrow("x.ts doesn't hold this exactly once: a")
  expect(() => patched('-a-a-', patch)).toThrow("x.ts doesn't hold this exactly once: a")
})
