import type { TrustedActivities } from '../protocol/temporal/activities.ts'
import { createWatchChain } from './chain/watch-chain.ts'
import type { SubmissionDeps } from './context.ts'
import { withHeartbeats } from './heartbeats.ts'
import { createBumpFees } from './operator/bump-fees.ts'
import { createChangeHold, createFindHold } from './operator/holds.ts'
import { createOpenStake } from './operator/open-stake.ts'
import { createAcceptAndOpen } from './proof/accept-and-open.ts'
import { createAcceptProof, createQuarantineTask } from './proof/accept-proof.ts'
import { createFindProvedSpans } from './proof/find-proved-spans.ts'
import { createOpenTask } from './proof/open-task.ts'
import { createHasBegun, createHasLargeProver, createHasOtherProver } from './proof/pollers.ts'
import { createPrepareSequence } from './proof/prepare-sequence.ts'
import { createStartSequences } from './rollup/start-sequences.ts'
import { createSurveyRollup } from './rollup/survey-rollup.ts'
import { createAdvanceSender } from './sender/advance-sender.ts'
import { createHandIntent } from './sender/hand-intent.ts'
import type { SenderDeps } from './sender/sender-account.ts'
import { createEnsureProving } from './sequence/ensure-proving.ts'
import { createLookAtSequence } from './sequence/look-at-sequence.ts'

/** Makes all activities that the aggregator's worker serves. Those that tell how far they are beat by themselves. */
export const createTrustedActivities = (deps: SubmissionDeps & SenderDeps): TrustedActivities => ({
  ...withHeartbeats({
    findProvedSpans: createFindProvedSpans(deps),
    openTask: createOpenTask(deps),
    acceptProof: createAcceptProof(deps),
    acceptAndOpen: createAcceptAndOpen(deps),
    hasBegun: createHasBegun(deps),
    hasLargeProver: createHasLargeProver(deps),
    hasOtherProver: createHasOtherProver(deps),
    quarantineTask: createQuarantineTask(deps),
    lookAtSequence: createLookAtSequence(deps),
    findHold: createFindHold(deps),
    ensureProving: createEnsureProving(deps),
    handIntent: createHandIntent(deps),
    advanceSender: createAdvanceSender(deps),
    openStake: createOpenStake(deps),
    surveyRollup: createSurveyRollup(deps),
    startSequences: createStartSequences(deps),
    changeHold: createChangeHold(deps),
    hurryTransactions: createBumpFees(deps),
  }),
  prepareSequence: createPrepareSequence(deps),
  watchChain: createWatchChain(deps),
})
