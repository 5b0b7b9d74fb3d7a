import { expect, test } from 'vitest'
import { differentAddresses } from '../../../protocol/base/endpoint-address.ts'

const FIRST = 'https://rpc.example.org/v3/key'

test.each([
  ['the same', FIRST],
  ['a slash at its end', `${FIRST}/`],
  ['the default port', 'https://rpc.example.org:443/v3/key'],
  ['its name in capitals', 'https://RPC.example.org/v3/key'],
  ['a fragment, which is never sent', `${FIRST}#a`],
])('%s leads to the same server', (_, other) => expect(differentAddresses([FIRST, other])).toEqual([FIRST]))

test.each([
  ['another path', 'https://rpc.example.org/v3/other'],
  ['a path in capitals', 'https://rpc.example.org/V3/key'],
  ['a query', `${FIRST}?key=1`],
  ['another port', 'https://rpc.example.org:444/v3/key'],
  ['another scheme', 'http://rpc.example.org/v3/key'],
])('%s may lead elsewhere', (_, other) => expect(differentAddresses([FIRST, other])).toEqual([FIRST, other]))

test('what is no address is left as it is, for others to refuse', () => {
  expect(differentAddresses(['not an address', 'not an address', FIRST])).toEqual(['not an address', FIRST])
})

test('the first writing stays, in the order of the list', () => {
  expect(differentAddresses([`${FIRST}/`, 'http://other', FIRST])).toEqual([`${FIRST}/`, 'http://other'])
})
