import type { TrustedActivities } from '../protocol/temporal/activities.ts'
import { createAcceptProof, createQuarantineTask } from './accept-proof.ts'
import { createAdvanceSender } from './advance-sender.ts'
import { createChangeHold } from './change-hold.ts'
import type { SubmissionDeps } from './context.ts'
import { createEnsureProving } from './ensure-proving.ts'
import { createFindHold } from './find-hold.ts'
import { createFindProvedSpans } from './find-proved-spans.ts'
import { createHandIntent } from './hand-intent.ts'
import { createHasBegun } from './has-begun.ts'
import { createHasLargeProver } from './has-large-prover.ts'
import { createHasOtherProver } from './has-other-prover.ts'
import { withHeartbeats } from './heartbeats.ts'
import { createHurryTransactions } from './hurry-transactions.ts'
import { createLookAtSequence } from './look-at-sequence.ts'
import { createOpenStake } from './open-stake.ts'
import { createOpenTask } from './open-task.ts'
import { createPrepareSequence } from './prepare-sequence.ts'
import type { SenderDeps } from './sender-account.ts'
import { createStartSequences } from './start-sequences.ts'
import { createSurveyRollup } from './survey-rollup.ts'
import { createWatchChain } from './watch-chain.ts'

/** All activities that the aggregator's worker serves. Those that tell how far they are beat by themselves. */
export const createTrustedActivities = (deps: SubmissionDeps & SenderDeps): TrustedActivities => ({
  ...withHeartbeats({
    findProvedSpans: createFindProvedSpans(deps),
    openTask: createOpenTask(deps),
    acceptProof: createAcceptProof(deps),
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
    hurryTransactions: createHurryTransactions(deps),
  }),
  prepareSequence: createPrepareSequence(deps),
  watchChain: createWatchChain(deps),
})
