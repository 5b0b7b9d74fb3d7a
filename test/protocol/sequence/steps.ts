import { expect, test } from 'vitest'
import { nextStep, type Step } from '../../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'

/** A view, the part of the step that matters, and the reason. */
interface Case {
  at: SequenceView
  step: Partial<Extract<Step, { kind: 'wait' }>> | Partial<Step>
  why: string
}

/** Makes one test per view. */
export function checkSteps(cases: Case[]): void {
  test.each(cases)('$why', ({ at, step }) => expect(nextStep(at)).toMatchObject(step))
}
