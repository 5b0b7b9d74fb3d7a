import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'

const file = new URL('../../../docker-compose.yml', import.meta.url)
const compose: { services: Record<string, { image: string; ports?: string[]; environment?: Record<string, string> }> } =
  parse(await readFile(file, 'utf8'))
const services = Object.entries(compose.services)

test('the namespace gets the search attributes that workflows set', () => {
  const words = compose.services['temporal-namespace']?.environment?.SEARCH_ATTRIBUTES?.split(' ')
  expect(words).toEqual(searchAttributeTypes.map(({ name, type }) => `${name}=${type}`))
})

test.each(services)('%s has an exact version', (_, { image }) => {
  expect(image).toMatch(/:\d+\.\d+(\.\d+)?$/)
})

test.each(services)('%s is reachable from this machine only', (_, { ports = [] }) => {
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})

test('no password is in the file', () => {
  const secrets = services.flatMap(([, { environment = {} }]) =>
    Object.entries(environment).filter(([name]) => /PASSWORD|PWD/.test(name)),
  )
  expect(secrets).not.toHaveLength(0)
  for (const [, value] of secrets) expect(value).toMatch(/^\$\{ZKPOW_POSTGRES_PASSWORD/)
})
