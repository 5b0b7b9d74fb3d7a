import { describe, expect, test } from 'vitest'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import type { Chain } from '../../../chain/create-chain.ts'
import { EndpointsDisagreeError, RpcUnavailableError } from '../../../chain/errors.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { listUnfinalAttempts } from '../../../db/attempts/attempts.ts'
import { findSequences } from '../../../db/decisions/sequences.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { anvilKeys } from '../../chain/anvil-keys.ts'
import { MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'

// A read that can't be trusted makes the workflow wait and say so, not act (test/workflows: what it then shows, and
// that it goes on).

const failures = [
  new EndpointsDisagreeError({ what: 'a read', agreement: 2, answers: 3, endpoints: 3 }),
  new RpcUnavailableError({ endpoint: 'endpoint 2 of 3', reason: 'it serves chain 5' }),
]

describe.each(failures)('$name', (failure) => {
  test.each(['readSequence', 'findRefusal'] as const)(
    'of %s: a look decides nothing and writes nothing',
    async (name) => {
      const { look, rows, distrust } = await scene()
      distrust(name, failure)
      await expect(look()).rejects.toBe(failure)
      expect(await rows()).toEqual([])
      distrust(null, failure)
      expect(await look()).toMatchObject({ step: { kind: 'commit' } })
      expect(await rows()).toHaveLength(1)
    },
  )

  test.each([
    ...(['readAccount', 'readFeeMarket'] as const).map((name) => ({ name, isOfAccount: true })),
    ...(['readOnChain', 'isPaused', 'readSequence', 'findRefusal'] as const).map((name) => ({
      name,
      isOfAccount: false,
    })),
  ])('of $name: a pass of the sender signs nothing and sends nothing', async ({ name, isOfAccount }) => {
    const { advance, attempts, contract, distrust } = await scene()
    distrust(name, failure)
    if (isOfAccount) await expect(advance()).rejects.toBe(failure)
    // others go on
    else
      expect((await advance()).lines).toEqual([expect.stringContaining(`1-3: can't be judged now, ${failure.message}`)])
    expect(contract.broadcasts).toEqual([])
    expect(await attempts()).toEqual([])
    distrust(null, failure)
    await advance()
    expect(contract.broadcasts).toHaveLength(1)
    expect(await attempts()).toHaveLength(1)
  })
})

// Helpers

/** A proved sequence whose hash may be committed, on a chain of which one read can be made untrustworthy. */
async function scene() {
  const { db: own } = await openTestDatabase() // attempts belong to the account
  const { deps, contract, prove, rollup, sequence } = await openSequence(own)
  const trusted = rollup.chain
  let distrusted: { name: keyof Chain; failure: Error } | null = null
  rollup.chain = new Proxy(trusted, {
    get: (chain, name) =>
      name === distrusted?.name ? () => Promise.reject(distrusted?.failure) : Reflect.get(chain, name),
  })
  const finalProof = await prove()
  const intent: Intent = {
    ...sequence,
    step: 'commit',
    contract: rollup.contract,
    finalProof,
    firstBlock: 101,
    lastBlock: null,
  }
  const account = createMinerAccount(anvilKeys[1] ?? '0x')
  const senders = [
    { chainId: 31337, chain: rollup.chain, account, limits: { maxFeePerGasWei: 1_000n, patienceBlocks: 3 } },
  ]
  return {
    contract,
    rows: () => findSequences(own, sequence),
    look: () => createLookAtSequence(deps)({ sequence }),
    advance: () =>
      createAdvanceSender({ ...deps, senders })({ chainId: 31337, account: account.address, queue: [intent] }),
    attempts: () => listUnfinalAttempts(own, { chainId: 31337, account: MINER }),
    distrust(name: keyof Chain | null, failure: Error) {
      distrusted = name === null ? null : { name, failure }
    },
  }
}
