import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeKeyConstant } from '../../../dev/setup/circuits/circuit-sources.ts'
import { specialiseVerifier } from '../../../dev/setup/circuits/solidity-verifier.ts'
import { SetupStepError } from '../../../dev/setup/errors.ts'
import { CANONICAL_SRS, DEVELOPMENT_SRS } from '../../../dev/setup/srs/srs-format.ts'

// bb 5.0.0 writes the four words and the contract's head so.
const GENERATED = `pairing(
  uint256(0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1),
  uint256(0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0),
  uint256(0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4),
  uint256(0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55))
contract HonkVerifier is IVerifier {
}
`

describe('the Solidity verifier', () => {
  test('trusts the development point only when made for it, and tells its name', () => {
    const development = specialiseVerifier(GENERATED, DEVELOPMENT_SRS)
    expect(development).toContain('SRS_NAME = "development-tau5"')
    expect(development).toContain(
      `0x${DEVELOPMENT_SRS.g2.subarray(32, 64).toString('hex')}),\n  uint256(0x${DEVELOPMENT_SRS.g2.subarray(0, 32).toString('hex')}`,
    )
    expect(development).not.toContain('260e01b2')
    const canonical = specialiseVerifier(GENERATED, CANONICAL_SRS)
    expect(canonical).toContain('SRS_NAME = "canonical-ignition"')
    expect(canonical).toContain('260e01b2')
  })

  test.each([
    { why: 'without one of the words', source: GENERATED.replace('0x22febda3', '0x22febda4') },
    {
      why: 'with a word twice',
      source: GENERATED.replace(
        'contract',
        'uint256(0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0)\ncontract',
      ),
    },
    { why: 'with another contract', source: GENERATED.replace('contract HonkVerifier', 'contract Other') },
  ])('is refused $why', ({ source }) =>
    expect(() => specialiseVerifier(source, DEVELOPMENT_SRS)).toThrow(SetupStepError),
  )
})

describe('a key constant', () => {
  let sources: string

  beforeAll(async () => {
    sources = await mkdtemp(join(tmpdir(), 'zkpow-sources-'))
    await mkdir(join(sources, 'aggregate', 'src'), { recursive: true })
  })

  afterAll(() => rm(sources, { recursive: true, force: true }))

  const keys = () => join(sources, 'aggregate', 'src', 'keys.nr')
  const write = () => writeKeyConstant(sources, { into: 'aggregate', of: 'batch', hash: '0x12' })

  test('is written once', async () => {
    await writeFile(keys(), 'pub global BATCH_KEY_HASH: Field = 0;\n')
    await write()
    expect(await readFile(keys(), 'utf8')).toBe('pub global BATCH_KEY_HASH: Field = 0x12;\n')
    await expect(write()).rejects.toThrow(SetupStepError)
  })

  test('that isn’t where it should be is an error, not a circuit without a key', async () => {
    await writeFile(keys(), 'pub global BATCH_KEY_HASH : Field = 0;\n')
    await expect(write()).rejects.toThrow(SetupStepError)
  })
})
