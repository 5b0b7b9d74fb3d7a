import type { WatchedEvent, WatchedLog } from '../../chain/contract/watch-chain.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import type { RollupEvent } from '../../protocol/sequence/wake-up.ts'

/** Whom an event concerns: all of a rollup, one sequence of it and who waits for that, or nobody of ours. */
type Concern = 'rules' | 'rules-if-ours' | 'sequenced' | 'committed' | 'verified' | 'round' | 'round-if-ours' | 'nobody'

/**
 * Other people's coins come and go as often as they like, and anybody may settle for anybody: every wake costs events
 * of a history.
 */
const CONCERN: Record<WatchedEvent, Concern> = {
  SequenceBatches: 'sequenced',
  SequenceForceBatches: 'sequenced',
  SubmitProofHash: 'committed',
  VerifyBatchesTrustedAggregator: 'verified',
  RoundOpened: 'round',
  ProofAccepted: 'round',
  CommitmentSettled: 'round-if-ours',
  DistributeRewards: 'round-if-ours',
  GenesisState: 'rules',
  SetProofHashCommitEpoch: 'rules',
  SetProofCommitEpoch: 'rules',
  SetLateProofBlocks: 'rules',
  SetMinDeposit: 'rules',
  SetNoProofPunishAmount: 'rules',
  SetRewardPerSequence: 'rules',
  EmergencyStateActivated: 'rules',
  EmergencyStateDeactivated: 'rules',
  Deposited: 'rules-if-ours',
  Withdrawn: 'rules-if-ours',
  PunishAmount: 'rules-if-ours',
  RewardsFunded: 'rules-if-ours',
  Claimed: 'rules-if-ours',
  RewardSetAside: 'nobody', // it comes with SequenceBatches
  RewardDustReturned: 'nobody',
  TreasuryWithdrawn: 'nobody',
  SetTrustedSequencer: 'nobody',
  SetTreasury: 'nobody',
  OwnershipTransferStarted: 'nobody',
  OwnershipTransferred: 'nobody',
}

/**
 * Says what a log means for the rollup's workflows; null for what concerns nobody of ours, unknown events among it:
 * timers look at what they may have changed.
 */
export function eventOfLog(
  { event, numBatch, account }: Pick<WatchedLog, 'event' | 'numBatch' | 'account'>,
  miner: Address,
): RollupEvent | null {
  const concern = event === null ? 'nobody' : CONCERN[event]
  const isOurs = isSameAddress(account, miner)
  if (concern === 'rules' || (concern === 'rules-if-ours' && isOurs)) return { kind: 'rules' }
  if (numBatch === null) return null
  if (concern === 'round' || (concern === 'round-if-ours' && isOurs)) return { kind: 'round', numBatch }
  if (concern === 'committed') return { kind: 'committed', numBatch, isOurs }
  return concern === 'sequenced' || concern === 'verified' ? { kind: concern, numBatch } : null
}
