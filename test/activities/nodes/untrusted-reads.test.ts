import { describe, expect, test } from 'vitest'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import type { Chain } from '../../../chain/create-chain.ts'
import { EndpointsDisagreeError, RpcUnavailableError } from '../../../chain/errors.ts'
import { findSequences } from '../../../db/decisions/sequences.ts'
import { openSender } from '../sender/sender-scene.ts'

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
    // Other work goes on.
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

/** Proves a sequence whose hash may be committed, on a chain of which one read can be made untrustworthy. */
async function scene() {
  let distrusted: { name: keyof Chain; failure: Error } | null = null
  const sender = await openSender(
    (trusted) =>
      new Proxy(trusted, {
        get: (chain, name) =>
          name === distrusted?.name ? () => Promise.reject(distrusted?.failure) : Reflect.get(chain, name),
      }),
  )
  const { contract, db, deps, sequence } = sender
  return {
    contract,
    rows: () => findSequences(db, sequence),
    look: () => createLookAtSequence(deps)({ sequence }),
    advance: () => sender.advance([sender.intent()]),
    attempts: sender.rows,
    distrust(name: keyof Chain | null, failure: Error) {
      distrusted = name === null ? null : { name, failure }
    },
  }
}
