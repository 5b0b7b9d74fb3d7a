import { expect, test } from 'vitest'
import type { Round } from '../../../protocol/base/windows.ts'
import { blockedCommit } from '../../../protocol/sequence/commit-gate.ts'
import type { GateCondition } from '../../../protocol/sequence/gate-conditions.ts'
import type { Predecessor, Rehearsal, SequenceView } from '../../../protocol/sequence/view.ts'
import { predecessor } from './views.ts'

/** A view, the condition of the gate that it fails, and the reason. */
export interface GateCase {
  at: SequenceView
  condition: GateCondition | null
  untilBlock?: number | null
  why: string
}

/** Both transactions of a sequence run. */
export const REHEARSAL: Rehearsal = {
  commitGas: '200',
  proofGas: '300',
  reverts: null,
  mostGas: '1000',
  feeCapWei: null,
  baseFeePerGas: '10',
  mostBytes: 131_072,
}

/** A contract of 2023 adds both windows in a byte, and here T1 + T2 = 256. */
export const WIDE = { commitBlocks: 200, proveBlocks: 56 }

/** Makes one test per view, of a hash that would go out now. */
export function checkGate(cases: GateCase[]): void {
  test.each(cases)('$why', ({ at, condition, untilBlock }) => {
    const blocked = blockedCommit(at, at.head.number + 1)
    expect(blocked?.condition ?? null).toBe(condition)
    if (untilBlock !== undefined) expect(blocked?.untilBlock).toBe(untilBlock)
  })
}

/** Makes a predecessor with our hash in the round of that block. */
export function behind(startBlock: number): Predecessor {
  return predecessor({ ownLiveRound: round(startBlock) })
}

function round(startBlock: number, commitBlocks = 10, proveBlocks = 20): Round {
  return { startBlock, commitBlocks, proveBlocks }
}
