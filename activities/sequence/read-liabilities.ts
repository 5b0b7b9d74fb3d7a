import { bytesToHex } from 'viem/utils'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { NoContractError } from '../../chain/errors.ts'
import { callOf } from '../../chain/transactions/account.ts'
import type { Attempt } from '../../db/attempts/attempt-rows.ts'
import { listUnfinalAttempts } from '../../db/attempts/attempts.ts'
import type { Liability } from '../../protocol/base/budget.ts'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import type { IntentStep, SequenceIntent } from '../../protocol/sender/intent.ts'
import { type OwnHash, reckonLiabilities } from '../../protocol/sender/liabilities.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { lastSettledBatch } from '../rollup/settled-batches.ts'

/**
 * What the rollup's account may yet have to pay after block `at`, for this rollup and all others that it serves on the
 * chain: the chain knows the hashes that stand, the stored attempts those that may yet land.
 * @param p.except id of the intent that asks.
 */
export const readLiabilities = async (
  deps: ProvingDeps,
  rollup: RollupContext,
  { at, except }: { at: BlockRef; except: string },
): Promise<Liability[]> => (await readLiabilitiesExcept(deps, rollup, at))(except)

/** The same for several intents of the account: what is read is alike for all, what each of them leaves out isn't. */
export async function readLiabilitiesExcept(
  deps: ProvingDeps,
  { chain, chainId, miner, contract }: RollupContext,
  at: BlockRef,
): Promise<(except: string) => Liability[]> {
  const attempts = await listUnfinalAttempts(deps.db, { chainId, account: miner })
  const served = deps.rollups.filter((one) => one.chainId === chainId && isSameAddress(one.miner, miner))
  const hashes = await Promise.all(
    served.map((rollup) =>
      readHashes(deps, rollup, { at, signed: commitsFor(rollup, attempts) }).catch(noneWithoutContract),
    ),
  )
  const signed = attempts.map(({ nonce, purpose, raw, inclusion }) => {
    const { gas, valueWei } = callOf(bytesToHex(raw))
    return {
      nonce,
      intent: purpose,
      mostWei: chain.feesWei({ gas, bytes: raw.length }) + valueWei,
      isMined: inclusion !== null,
    }
  })
  const mostWei = (step: IntentStep, name: string) =>
    chain.mostWei(step, served.find((one) => one.name === name)?.contract ?? contract)
  return (except) => reckonLiabilities({ head: at, hashes: hashes.flat(), signed, mostWei, except })
}

/** Commits for a rollup that are signed and not final. */
function commitsFor({ name }: RollupContext, attempts: readonly Attempt[]): SequenceIntent[] {
  const purposes = attempts.flatMap(({ purpose }) => (purpose === null || purpose.step === 'stake' ? [] : [purpose]))
  return purposes.filter(({ rollup, step }) => rollup === name && step === 'commit')
}

async function readHashes(
  { db }: ProvingDeps,
  rollup: RollupContext,
  { at, signed }: { at: BlockRef; signed: readonly SequenceIntent[] },
): Promise<OwnHash[]> {
  const { name, chain, contract, miner } = rollup
  const standing = await chain.readOwnHashes({ contract, miner, at, floor: await lastSettledBatch(db, rollup) })
  const isSame = (a: BatchRange, b: BatchRange) => a.from === b.from && a.to === b.to
  const others = signed.filter((one, i) => [...standing, ...signed.slice(0, i)].every((other) => !isSame(one, other)))
  const expected = others.map(async ({ from, to }) => {
    return { from, to, atHead: await chain.readOnChain({ contract, range: { from, to }, miner, at }) }
  })
  const all = [...standing, ...(await Promise.all(expected))]
  return all.map((one) => ({ ...one, rollup: name, unfinalCommit: signed.some((commit) => isSame(one, commit)) }))
}

/** A rollup whose contract isn't (or is no longer) there must not hold up the others of its account. */
function noneWithoutContract(error: unknown): [] {
  if (error instanceof NoContractError) return []
  throw error
}
