import { type Abi, toEventSelector, toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import { depositAbi, rollupAbi, slotAdapterAbi, verifierAbi, verifierAdapterAbi } from '../../contracts/abi.ts'
import { compileContracts } from '../../contracts/tooling/compile.ts'
import { committedAbis, currentAbi } from '../../contracts/tooling/generate-abi.ts'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'

const artifacts = compiledContracts()
const abi: Abi = rollupAbi
const committed: Record<keyof typeof committedAbis, Abi> = {
  rollupAbi,
  depositAbi,
  slotAdapterAbi,
  verifierAbi,
  verifierAdapterAbi,
}

test.each(Object.keys(committedAbis) as (keyof typeof committedAbis)[])(
  '%s in abi.ts is what the contracts say (else run contracts/tooling/generate-abi.ts)',
  (constant) => {
    expect(committed[constant]).toEqual(currentAbi(artifacts, constant))
  },
)

// These interface facts of the contracts that docs/protocol.md#contracts-of-2023 names are computed from their
// signatures.
test.each([
  ['submitProofHash', '0x1806a037'],
  ['verifyBatches', '0xf05b688a'],
  ['sequenceBatches', '0x5e9145c9'],
])('%s has the selector of 2023', (name, selector) => {
  expect(
    abi
      .filter((item) => item.type === 'function' && item.name === name)
      .map((item) => toFunctionSelector(item as never)),
  ).toEqual([selector])
})

// The topics are computed in the same way.
test.each([
  ['SubmitProofHash', '0x35251d2379f5b4a4ba790ceb9dcf7687eac1fc273a938c2774d4879e6a6b0a8e'],
  ['VerifyBatchesTrustedAggregator', '0xcb339b570a7f0b25afa7333371ff11192092a0aeace12b671f4c212f2815c6fe'],
  ['SequenceBatches', '0x303446e6a8cb73c83dff421c0b1d5e5ce0719dab1bff13660fc254e58cc17fce'],
  ['SetProofHashCommitEpoch', '0x3baed86e39e55c44af3b5e06d60eb89cf23a7b1b7ebb7f0b8a272f64bce1165a'],
  ['SetProofCommitEpoch', '0xeb7b81984df2c6f86796b8f38c1b19e8f6b326f861d5188594b6cbc02dd2b5db'],
  ['PunishAmount', '0x8acc936fba6991324e04d4a52c1cc3bebcf35b73d8c577110f8433f649eecc5c'],
  ['DistributeRewards', '0x645eb5d352939be2ce2ee4f5cf1f158d68af7b3493869bee5500d3e632450665'],
])('%s has the topic of 2023', (name, topic) => {
  expect(
    abi.filter((item) => item.type === 'event' && item.name === name).map((item) => toEventSelector(item as never)),
  ).toEqual([topic])
})

test.each([
  ['CommittedProofHash', '0xfd88c2b6'],
  ['CommittedProof', '0x82c2ac81'],
  ['CommittedTimeout', '0x8275d50e'],
  ['InsufficientPledge', '0xc8649763'],
  ['SubmitProofEarly', '0x932e47d5'],
  ['SubmitProofTooLate', '0x1a5034fa'],
  ['ErrCommitProof', '0xb3e6fbb1'],
  ['ErrSequencerRange', '0x8d7ab4e8'],
  ['SlotAdapterEmpty', '0x47badd8c'],
  ['OldStateRootDoesNotExist', '0x4997b986'],
  ['InitNumBatchAboveLastVerifiedBatch', '0x1e56e9e2'],
  ['OldAccInputHashDoesNotExist', '0x6818c29e'],
  ['NewAccInputHashDoesNotExist', '0x66385b51'],
  ['NewStateRootNotInsidePrime', '0x176b913c'],
  ['ExceedMaxVerifyBatches', '0xb59f753a'],
  ['CommittedBatches', '0x7317a9a2'],
  ['OnlyDeposit', '0x07cda49a'],
])('error %s has the selector of 2023', (name, selector) => {
  const errors = abi.flatMap((item) => (item.type === 'error' && item.name === name ? [item] : []))
  const selectors = errors.map(({ inputs }) =>
    toFunctionSelector(`${name}(${inputs.map(({ type }) => type).join(',')})`),
  )
  expect(selectors).toEqual([selector])
})

test('each contract fits the 24 KB that a chain allows', () => {
  for (const artifact of Object.values(artifacts)) expect(artifact.runtimeBytes).toBeLessThanOrEqual(24_576)
})

test('a source that does not compile is told in solc’s words', () => {
  expect(() => compileContracts({ 'Broken.sol': 'contract Broken {' })).toThrow(/Broken\.sol/)
})
