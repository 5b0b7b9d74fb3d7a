import type { Address } from '../../protocol/base/ranges.ts'
import type { IntentStep } from '../../protocol/sender/intent.ts'
import { callBytes, gasLimitFor, max, withMargin } from './gas.ts'

/** The highest of so many dry runs counts: a round that others opened costs less to join than to open. */
const REMEMBERED_RUNS = 8

/**
 * Gas that execution may take, until a step was tried at a contract: for balances that have to be reckoned with before.
 * A limit is made of it for a proof that is owed only, where no endpoint tells what it takes.
 */
const EXPECTED_GAS: Record<IntentStep, bigint> = {
  'prove-late': 5_000_000n,
  prove: 5_000_000n,
  commit: 600_000n,
  claim: 600_000n,
  stake: 300_000n,
}

/** What steps took at contracts when they were last tried, in this process. */
export interface GasBook {
  /** @param fork undefined where nobody tells it. Another one than before makes all older figures worthless. */
  note(p: { contract: Address; step: IntentStep; executionGas: bigint; fork: string | undefined }): void
  /** Gives the gas limit of a call by what was noted; undefined while nothing is. */
  remembered(contract: Address, step: IntentStep, calldataBytes: number): bigint | undefined
  /** Gives the gas limit of a step whose call isn't known yet, to reckon with. */
  expected(contract: Address, step: IntentStep, finalProofBytes?: number): bigint
}

export function createGasBook(): GasBook {
  const runs = new Map<string, bigint[]>()
  let known: string | undefined
  // A late proof takes what a proof takes, or less.
  const keyOf = (contract: Address, step: IntentStep) =>
    `${contract.toLowerCase()} ${step === 'prove-late' ? 'prove' : step}`
  const remembered: GasBook['remembered'] = (contract, step, bytes) => {
    const noted = runs.get(keyOf(contract, step))
    return noted && gasLimitFor(bytes, withMargin(noted.reduce(max)))
  }
  return {
    note({ contract, step, executionGas, fork }) {
      if (fork !== undefined && known !== undefined && fork !== known) runs.clear()
      known = fork ?? known
      const key = keyOf(contract, step)
      runs.set(key, [...(runs.get(key) ?? []), executionGas].slice(-REMEMBERED_RUNS))
    },
    remembered,
    expected(contract, step, finalProofBytes) {
      const bytes = callBytes(step, finalProofBytes)
      return remembered(contract, step, bytes) ?? gasLimitFor(bytes, EXPECTED_GAS[step])
    },
  }
}
