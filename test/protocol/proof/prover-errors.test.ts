import { expect, test } from 'vitest'
import * as errors from '../../../db/errors.ts'
import { STORE_AWAY_ERRORS } from '../../../protocol/proof/prover-errors.ts'

test.each([...STORE_AWAY_ERRORS])('%s is the name of an error of db/', (name) => {
  const known = Object.values(errors).map((one) => one.name)
  expect(known).toContain(name)
})
