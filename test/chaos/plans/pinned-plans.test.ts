import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { drawPlanFor } from '../nodes/plan-for.ts'
import { drawHabits } from './draw-habits.ts'
import { HABIT_NAMES } from './habits.ts'

/**
 * Plans that were run and recorded: seeds are named in records and reports, and have to draw the same for ever. A
 * digest that differs says that a registry's order has changed, or that something new is drawn from its first place or
 * seed on; then mend that, not the digest. What is new adds a line here, from its own first seed on.
 */
test.each([
  { node: 'anvil', from: 0, digest: '3f51e8bc091cedde' },
  { node: 'anvil', from: 10_000, digest: '76e9b26ae48e7da1' },
  { node: 'anvil', from: 20_000, digest: '7d74f6ab374c94be' },
  { node: 'anvil', from: 40_000, digest: 'b4798a3e7de80d5f' },
  { node: 'anvil', from: 50_000, digest: 'b552b58213d0aa81' },
  { node: 'geth', from: 0, digest: 'fa5943cdcd09cbcf' },
  { node: 'geth', from: 40_000, digest: 'e5ca6fa857c1dc75' },
  { node: 'geth', from: 50_000, digest: 'fe546614a2441682' },
] as const)('seeds from $from on draw what they drew for $node', ({ node, from, digest }) => {
  const plans = Array.from({ length: 400 }, (_, i) => drawPlanFor(node, from + i))
  expect(createHash('sha256').update(JSON.stringify(plans)).digest('hex').slice(0, 16)).toBe(digest)
})

test('a habit that comes later is asked of no plan that was drawn before it came', () => {
  const before = HABIT_NAMES.slice(0, -1)
  const seeds = Array.from({ length: 200 }, (_, i) => 10_000 + i)
  const withAny = seeds.filter((seed) => drawHabits(seed, before, false).length > 0)
  expect(withAny.length).toBeLessThan((seeds.length * 2) / 3)
  expect(seeds.filter((seed) => drawHabits(seed, before, true).length > 0)).toEqual(seeds)
})
