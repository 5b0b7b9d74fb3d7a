import { expect, test } from 'vitest'
import { secretsFound } from './secrets.ts'

test('a secret is found in whatever form it stands, and named without being repeated', () => {
  const secrets = { password: 'canary-0123456789' }
  const inBase64 = Buffer.from(`{"url":"x","password":"${secrets.password}"}`).toString('base64')
  expect(secretsFound([{ name: 'a log', text: 'nothing here' }], secrets)).toEqual([])
  expect(secretsFound([{ name: 'a log', text: `url=${secrets.password}/` }], secrets)).toEqual([
    'a log holds the password',
  ])
  expect(secretsFound([{ name: 'a history', text: `"data":"${inBase64}"` }], secrets)).toEqual([
    'a history holds the password',
  ])
  expect(secretsFound([{ name: 'a table', text: 'CANARY-0123456789' }], secrets)).toEqual([
    'a table holds the password',
  ])
})

test("a prover's environment holds its own login and nothing else", () => {
  const secrets = {
    'key in MINER': '59c6995e998f97a5',
    "password of the provers' login": 'own-0123',
    'password of the database': 'admin-0123',
  }
  const told = (text: string) =>
    secretsFound([{ name: 'environment of p', text, mayHold: ["password of the provers' login"] }], secrets)
  expect(told('PATH=/bin\0URL=postgres://p:own-0123@h/d\0')).toEqual([])
  expect(told('URL=postgres://o:admin-0123@h/d\0')).toEqual(['environment of p holds the password of the database'])
  expect(told('URL=postgres://p:own-0123@h/d\0MINER=0x59c6995e998f97a5\0')).toEqual([
    'environment of p holds the key in MINER',
  ])
})
