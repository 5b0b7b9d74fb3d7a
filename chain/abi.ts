import { parseAbi } from 'viem'

/**
 * Contracts of 2023 (docs/protocol.md#contracts-of-2023), the part that a miner uses, under the names that both
 * generations share.
 * `isEmergencyState` comes from their emergency manager.
 */
export const twoStepAbi = parseAbi([
  'function sequencedBatches(uint64) view returns (bytes32 accInputHash, uint64 sequencedTimestamp, uint64 previousLastBatchSequenced, uint256 blockNumber, bool proofSubmitted)',
  'function proverCommitProofHash(uint64, address) view returns (bytes32 proofHash, uint256 blockNumber, bool proof)',
  'function proofHashCommitEpoch() view returns (uint8)',
  'function proofCommitEpoch() view returns (uint8)',
  'function lastVerifiedBatch() view returns (uint64)',
  'function lastBatchSequenced() view returns (uint64)',
  'function batchNumToStateRoot(uint64) view returns (bytes32)',
  'function getInputSnarkBytes(uint64 initNumBatch, uint64 finalNewBatch, bytes32 newLocalExitRoot, bytes32 oldStateRoot, bytes32 newStateRoot) view returns (bytes)',
  'function minDeposit() view returns (uint256)',
  'function noProofPunishAmount() view returns (uint256)',
  'function rollupVerifier() view returns (address)',
  'function chainID() view returns (uint64)',
  'function forkID() view returns (uint64)',
  'function ideDeposit() view returns (address)',
  'function slotAdapter() view returns (address)',
  'function isEmergencyState() view returns (bool)',
  'function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash)',
  'function verifyBatches(uint64 initNumBatch, uint64 finalNewBatch, bytes32 newLocalExitRoot, bytes32 newStateRoot, bytes proof)',
  'event SequenceBatches(uint64 indexed numBatch)',
  'event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash)',
  'event VerifyBatchesTrustedAggregator(uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator)',
  'event SetTrustedSequencer(address newTrustedSequencer)',
  'event SetProofHashCommitEpoch(uint8 newProofHashCommitEpoch)',
  'event SetProofCommitEpoch(uint8 newProofCommitEpoch)',
  'event SetMinDeposit(uint256 minDeposit)',
  'event SetNoProofPunishAmount(uint256 noProofPunishAmount)',
  'event EmergencyStateActivated()',
  'event EmergencyStateDeactivated()',
])

/** What contracts of 2023 tell beside: anybody may post batches when the sequencer is silent. */
export const forcedAbi = parseAbi(['event SequenceForceBatches(uint64 indexed numBatch)'])

/** What our contract adds. */
export const roundsAbi = parseAbi([
  'struct Round { uint64 startBlock; uint64 commitBlocks; uint64 proveBlocks; uint256 penalty; bool isVerified; uint64 verifiedAtBlock; uint64 lateProofDeadlineBlock; }',
  'struct Commitment { bytes32 proofHash; uint64 roundStartBlock; uint256 lockedStake; bool isProved; bool isSettled; }',
  'function getRound(uint64) view returns (Round)',
  'function getCommitment(uint64, address) view returns (Commitment)',
  'function claim(uint64[])',
  'event GenesisState(bytes32 stateRoot, bytes state)',
  'event RoundOpened(uint64 indexed finalNewBatch, uint64 startBlock, uint64 commitBlocks, uint64 proveBlocks, uint256 penalty)',
  'event ProofAccepted(uint64 indexed finalNewBatch, address indexed miner, uint64 roundStartBlock, uint256 committedStake, bool isFirst)',
  'event CommitmentSettled(uint64 indexed finalNewBatch, address indexed miner, uint64 roundStartBlock, uint256 penalty, uint256 reward)',
  'event Deposited(address indexed miner, uint256 amount)',
  'event Withdrawn(address indexed miner, uint256 amount)',
  'event PunishAmount(address indexed miner, uint256 amount)',
  'event RewardsFunded(address indexed funder, uint256 amount)',
  'event Claimed(address indexed miner, uint256 amount)',
  'event DistributeRewards(uint256 indexed finalNewBatch, address indexed rollup, address indexed miner, uint256 amount)',
  'event RewardSetAside(uint64 indexed finalNewBatch, uint256 amount)',
  'event RewardDustReturned(uint64 indexed finalNewBatch, uint256 amount)',
  'event TreasuryWithdrawn(address indexed treasury, uint256 amount)',
  'event SetLateProofBlocks(uint64 lateProofBlocks)',
  'event SetRewardPerSequence(uint256 rewardPerSequence)',
  'event SetTreasury(address treasury)',
  'event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner)',
  'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
])

/** The stake's contract; `lockedOf`, and that a deposit names no amount, are ours. */
export const depositAbi = parseAbi([
  'function depositOf(address) view returns (uint256)',
  'function lockedOf(address) view returns (uint256)',
  'function deposit() payable',
  'function withdraw(uint256 amount)',
])

/** The contract of rewards; this is ours. */
export const rewardsAbi = parseAbi([
  'struct SequenceReward { uint256 amount; uint256 acceptedStake; uint256 creditedStake; uint256 credited; }',
  'function claimable(address) view returns (uint256)',
  'function getSequenceReward(uint64) view returns (SequenceReward)',
])

/** The adapter over a generated verifier. */
export const verifierAbi = parseAbi(['function verifyProof(bytes proof, uint256[1] pubSignals) view returns (bool)'])
