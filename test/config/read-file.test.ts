import { describe, expect, test } from 'vitest'
import { loadAggregatorConfig } from '../../config/load.ts'
import { configFile, ENV, failureOf, KEY, VALID } from './support.ts'

describe('wrong files', () => {
  test('a file that is missing', async () => {
    await expect(loadAggregatorConfig('/nowhere/zkpow.yaml', ENV)).rejects.toThrow(
      "Configuration file /nowhere/zkpow.yaml doesn't exist.",
    )
  })

  test('a file that is no YAML names the place and quotes nothing', async () => {
    const file = await configFile(`accounts:\n  miner: "${KEY}\n  x: 1`)
    const error = await failureOf(loadAggregatorConfig(file, ENV))
    expect(error).toMatch(/is not valid YAML at line \d+, column \d+/)
    expect(error).not.toContain(KEY)
  })

  test.each([
    { yaml: 'temporal: { address: "a:1" }\ntemporal: { address: "b:1" }', says: 'line 2, column 1 (DUPLICATE_KEY)' },
    { yaml: 'temporal:\n\taddress: "a:1"', says: 'line 2, column 1 (TAB_AS_INDENT)' },
    { yaml: 'temporal: { address: !env ADDRESS }', says: 'line 1, column 22 (TAG_RESOLVE_FAILED)' },
    {
      yaml: 'temporal: { address: *address }',
      says: 'has references (`*name`) that lead nowhere or grow without bounds',
    },
    { yaml: `a: &a [1, 2]\n${references(8)}`, says: 'has references (`*name`) that lead nowhere or grow' },
    {
      yaml: 'temporal: &itself { address: *itself }',
      says: 'temporal.address: expected host:port, got a mapping that refers to itself (mapping)',
    },
    {
      yaml: '%YAML 1.1\n---\ntemporal: { address: no }',
      says: 'temporal.address: expected host:port, got false (boolean)',
    },
    { yaml: 'temporal: {}\n---\ntemporal: {}', says: '(MULTIPLE_DOCS)' },
    { yaml: '__proto__: { a: 1 }', says: 'the file: expected a key that exists here' },
    { yaml: VALID.replace("'temporal:7233'", 'yes'), says: 'temporal.address: expected host:port, got "yes" (string)' },
    {
      yaml: VALID.replace('31337', '0o17'),
      says: 'chains.dev.chainId: expected a whole number from 1 to 1000000000000, got "0o17" (string)',
    },
    { yaml: VALID.replace('31337', '0x7a69'), says: 'got "0x7a69" (string)' },
    { yaml: VALID.replace('31337', '031337'), says: 'got "031337" (string)' },
    { yaml: VALID.replace('31337', '31_337'), says: 'got "31_337" (string)' },
    { yaml: VALID.replace('31337', '31337 31338'), says: 'got "31337 31338" (string)' },
    { yaml: VALID.replace('31337', '99999999999999999999'), says: 'got 100000000000000000000 (number)' },
    {
      yaml: VALID.replace('Gwei: 0.5', 'Gwei: .inf'),
      says: 'expected a number of gwei from 0.000000001 to 1000000, got ".inf" (string)',
    },
    { yaml: VALID.replace('Gwei: 0.5', 'Gwei: .nan'), says: 'got ".nan" (string)' },
    { yaml: VALID.replace('  payments:', '  ~:'), says: 'rollups.~: expected a name of at most 64' },
    { yaml: VALID.replace('  payments:', '  "payments ":'), says: 'rollups.payments : expected a name of at most 64' },
  ])('$yaml', async ({ yaml, says }) => {
    await expect(loadAggregatorConfig(await configFile(yaml), ENV)).rejects.toThrow(says)
  })

  test('an empty file', async () => {
    await expect(loadAggregatorConfig(await configFile(''), ENV)).rejects.toThrow(
      'the file: expected a mapping of temporal',
    )
  })
})

/** Makes an alias bomb: lists of lists, each of which has the one before nine times. */
function references(levels: number): string {
  return Array.from(
    { length: levels },
    (_, i) =>
      `${letter(i + 1)}: &${letter(i + 1)} [${Array(9)
        .fill(`*${letter(i)}`)
        .join(', ')}]`,
  ).join('\n')
}

function letter(i: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + i)
}
