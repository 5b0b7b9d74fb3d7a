import { expect } from 'vitest'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderView } from '../../../protocol/sender/view.ts'
import { viewOf } from './views.ts'

/** What the sender does with a view; intents without a fate are wanted. */
export interface PlanCase {
  why: string
  view: Partial<SenderView>
  fates?: [Intent, IntentFate][]
  actions: object[]
}

export function expectPlan({ view, fates = [], actions }: Omit<PlanCase, 'why'>): void {
  const plan = planSending(viewOf(view, fates))
  expect(plan.actions).toMatchObject(actions)
  expect(plan.actions).toHaveLength(actions.length)
}
