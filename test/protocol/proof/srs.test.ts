import { describe, expect, test } from 'vitest'
import { assertSrsAllowed, DevelopmentSrsError } from '../../../protocol/proof/srs.ts'

describe('a development reference string', () => {
  const development = { srsName: 'development', isDevelopment: true }

  test.each([31337, 1337])('is allowed on chain %i', (chainId) =>
    expect(() => assertSrsAllowed(development, chainId)).not.toThrow(),
  )

  test.each([1, 10, 11155111, 0, 313370])('is refused on chain %i', (chainId) => {
    expect(() => assertSrsAllowed(development, chainId)).toThrow(DevelopmentSrsError)
    expect(() => assertSrsAllowed({ srsName: 'canonical', isDevelopment: false }, chainId)).not.toThrow()
  })
})
