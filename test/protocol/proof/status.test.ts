import { describe, expect, test } from 'vitest'
import { hasMoved, isNews, type PartStatus, type ProvingStatus, REPORTS } from '../../../protocol/proof/status.ts'

const part: PartStatus = {
  ...{ from: 1, to: 20, accInputHash: '0xda', proofsDone: 3, proofsNeeded: 39 },
  ...{ waitingFor: 'proofs are being made', quarantined: null },
}

const told: ProvingStatus = {
  ...part,
  ...{ to: 50, proofsDone: 10, proofsNeeded: 100, troubles: '', parts: [part], end: null },
}

describe('a report of how proving stands', () => {
  test.each<[string, Partial<ProvingStatus>, boolean]>([
    ['says nothing new', {}, false],
    ['is not worth it for a few proofs', { proofsDone: 14 }, false],
    ['is due for a twentieth of them', { proofsDone: 15 }, true],
    ['is not worth it for a few proofs of a part', { parts: [{ ...part, proofsDone: 5 }] }, false],
    ['is due at once when a part is done', { parts: [] }, true],
    ['is due at once when a part waits for an operator', { parts: [{ ...part, quarantined: 'batch 3' }] }, true],
    ['is due at once when a task waits for an operator', { quarantined: 'batch 3' }, true],
    ['is due at once when it is held', { waitingFor: 'its sequence is held' }, true],
    ['is due at once when a proof failed', { troubles: 'failed once' }, true],
    ['is due at once at the end', { end: { failure: null } }, true],
  ])('%s', (_, change, isDue) => {
    expect(isNews({ ...told, ...change }, told)).toBe(isDue)
  })

  test.each([
    [REPORTS.ofPart, 2, 0, 1, true], // there are fewer proofs than reports, so each is told
    [REPORTS.ofPart, 39, 0, 4, false],
    [REPORTS.ofPart, 39, 0, 5, true],
    [REPORTS.ofSequence, 82, 20, 24, false],
    [REPORTS.ofSequence, 82, 20, 25, true],
  ])(
    'of %i, where %i proofs are needed, %i were told and %i are done: %s',
    (reports, proofsNeeded, before, proofsDone, isDue) => {
      expect(hasMoved({ proofsDone, proofsNeeded }, { proofsDone: before }, reports)).toBe(isDue)
    },
  )
})
