import { expect, test } from 'vitest'
import { assertConfiguredSrs } from '../../workers/kinds/configured-srs.ts'
import { kindFactory } from '../../workers/kinds/kinds.ts'

test('a kind that this version doesn’t have is named with those that it has', () => {
  expect(() => kindFactory('zkevm')).toThrow(expect.objectContaining({ code: 'ZKPOW-CONFIG-KIND' }))
  expect(kindFactory('payments')).toBeDefined()
})

test.each([
  { configured: 'canonical', isDevelopment: true },
  { configured: 'development', isDevelopment: false },
] as const)(
  'keys are used only with the reference string that is configured: $configured',
  ({ configured, isDevelopment }) => {
    const made = { srsName: 'a test', isDevelopment }
    expect(() => assertConfiguredSrs(configured, made)).toThrow(expect.objectContaining({ code: 'ZKPOW-CONFIG-SRS' }))
    expect(() => assertConfiguredSrs(configured, { ...made, isDevelopment: !isDevelopment })).not.toThrow()
  },
)
