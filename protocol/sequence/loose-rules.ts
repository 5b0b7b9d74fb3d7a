import { coins } from '../base/units.ts'
import type { SequenceView } from './view.ts'

/** Above it the sum of T1 and T2 doesn't fit the eight bits in which the contracts of 2023 add them. */
const MAX_WINDOWS_SUM = 255

/** Rewards are divided by whole coins of stake there. */
const ONE_COIN = 10n ** 18n

/** What is wrong by itself with every contract of 2023, for people (docs/protocol.md#contracts-of-2023). */
export const LOOSE_RULES =
  'it fines a wrong proof and calls that a success; it fines who is late in his next call; it finds hashes by their bytes alone, so whoever ' +
  'commits to our hash, too, can have our proof revert; it pays in the call that proves, which reverts while its slot is paused, its rewards ' +
  'are drained or all committed stake is below one coin'

/**
 * How its stake is raised. `zkpow stake` doesn't do it: its deposits name an amount, and a withdrawal there sweeps the
 * ledger.
 */
export const RAISE_STAKE_OF_2023 =
  'deposit from the account itself, with the aggregator stopped: the contract is one of 2023'

/**
 * Says why no proof can pass a contract of 2023 as its windows are now. Each proof reverts then, and later there is a
 * fine. It is null when one can pass.
 */
export function windowsOverflow({
  hasClaims,
  nextRound,
}: Pick<SequenceView, 'hasClaims' | 'nextRound'>): string | null {
  const sum = nextRound.commitBlocks + nextRound.proveBlocks
  if (hasClaims || sum <= MAX_WINDOWS_SUM) return null
  return `T1+T2 is ${sum}: this contract of 2023 adds them in eight bits, so proofs revert until its owner makes it ${MAX_WINDOWS_SUM} or less`
}

/** Says why a stake earns nothing at a contract of 2023. It is null where it does. */
export function stakeTooSmall(hasClaims: boolean, stakeWei: bigint): string | null {
  if (hasClaims || stakeWei >= ONE_COIN) return null
  return `stake is ${coins(stakeWei)}: this contract of 2023 pays for whole coins, and with less than one committed in all every proof reverts`
}
