import { expect, test } from 'vitest'
import { allDone } from '../../../protocol/base/all-done.ts'

test('all that was asked for, in order', async () => {
  expect(await allDone([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two'])
})

test('the first failure, when nothing goes on any more', async () => {
  const slow = Promise.withResolvers<string>()
  let isTold = false
  const told = allDone([Promise.reject(new Error('the first')), slow.promise, Promise.reject(new Error('another'))])
  const heard = told.catch((error: unknown) => {
    isTold = true
    return error
  })
  await new Promise(setImmediate)
  expect(isTold).toBe(false)
  slow.resolve('at last')
  expect(await heard).toEqual(new Error('the first'))
})
