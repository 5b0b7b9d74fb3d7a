import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { SubmissionDeps } from '../context.ts'
import { findPollers } from './find-pollers.ts'

export const createHasLargeProver =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): ProvingActivities['hasLargeProver'] =>
  async ({ kind }) =>
    (await findPollers(temporal, kind, 'large')).length > 0
