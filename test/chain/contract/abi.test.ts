import { toEventSelector, toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import * as ours from '../../../chain/abi.ts'
import { watchedAbi } from '../../../chain/contract/watch-chain.ts'
import { depositAbi, rollupAbi, verifierAbi } from '../../../contracts/abi.ts'

type Item = { type: string; name?: string; inputs?: readonly unknown[]; outputs?: readonly unknown[] }

/**
 * Writes what identifies an item on the wire: selector or topic, indexed arguments, and the types of what it answers.
 */
function wireForm(item: Item): string {
  const outputs = item.outputs?.map(typeOf).join()
  if (item.type === 'function') return `${toFunctionSelector(item as never)} -> ${outputs}`
  return `${toEventSelector(item as never)} ${item.inputs?.map((input) => (input as { indexed?: boolean }).indexed === true)}`
}

const typeOf = (parameter: unknown): string => {
  const { type, components } = parameter as { type: string; components?: unknown[] }
  return components ? `${type}(${components.map(typeOf).join()})` : type
}

test.each<{ name: string; items: readonly Item[]; compiled: readonly Item[] }>([
  { name: 'twoStepAbi', items: ours.twoStepAbi, compiled: rollupAbi },
  { name: 'roundsAbi', items: ours.roundsAbi, compiled: rollupAbi },
  { name: 'depositAbi', items: ours.depositAbi, compiled: depositAbi },
  { name: 'verifierAbi', items: ours.verifierAbi, compiled: verifierAbi },
])('every item of $name is in the compiled contract', ({ items, compiled }) => {
  const known = new Set(compiled.filter((item) => item.type !== 'error' && item.type !== 'constructor').map(wireForm))
  for (const item of items) expect(known, item.name).toContain(wireForm(item))
})

test('the watcher knows every event of our contract, and how batches are forced: an unknown one wakes nobody', () => {
  const events = (items: readonly Item[]) => items.filter((item) => item.type === 'event').map(wireForm)
  expect(new Set(events(watchedAbi))).toEqual(new Set([...events(rollupAbi), ...events(ours.forcedAbi)]))
})
