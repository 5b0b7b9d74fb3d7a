// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "./IRollupVerifier.sol";

/// @title The two-step rollup's interface of 2023
/// @notice Names, types, selectors and topics are those of the network of 2023, so that software written for it reads
/// this rollup. Where its contracts were loose, the rules here are strict; IZkpowRollup tells them.
/// A sequence is named by its final batch; `initNumBatch` is the last batch before it.
interface ITwoStepRollup {
    /// @notice One posted batch.
    /// @param transactions Batch data, exactly `batchBytes()` long.
    /// @param globalExitRoot Hashed into the chain of inputs and not interpreted: this rollup has no bridge.
    /// @param timestamp Seconds; not before the previous batch's, not after the block's.
    /// @param minForcedTimestamp Must be 0: forced batches don't exist here.
    struct BatchData {
        bytes transactions;
        bytes32 globalExitRoot;
        uint64 timestamp;
        uint64 minForcedTimestamp;
    }

    /// @notice A sequence that ends with batch `numBatch` was posted; the data is the transaction's calldata.
    event SequenceBatches(uint64 indexed numBatch);
    /// @notice `_prover` committed to a final proof.
    event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash);
    /// @notice The first proof of a sequence was accepted: the state moved. Late proofs emit ProofAccepted only.
    event VerifyBatchesTrustedAggregator(uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator);
    event SetTrustedSequencer(address newTrustedSequencer);
    event SetProofHashCommitEpoch(uint8 newProofHashCommitEpoch);
    event SetProofCommitEpoch(uint8 newProofCommitEpoch);
    event SetMinDeposit(uint256 minDeposit);
    event SetNoProofPunishAmount(uint256 noProofPunishAmount);
    event EmergencyStateActivated();
    event EmergencyStateDeactivated();

    /// @notice The sender's hash stands in the live round; or, when proving, the sender has none.
    error CommittedProofHash();
    /// @notice The sequence is verified (commit) or the sender's proof is accepted already (proof).
    error CommittedProof();
    /// @notice The commit window of the live round is over.
    error CommittedTimeout();
    /// @notice Stake below the minimum, or unlocked stake below the penalty to lock.
    error InsufficientPledge();
    /// @notice The proof window has not begun.
    error SubmitProofEarly();
    /// @notice The proof window, or after verification the late-proof deadline, is over.
    error SubmitProofTooLate();
    /// @notice The sender's hash belongs to another round than the sequence's.
    error ErrCommitProof();
    /// @notice The two batches don't bound one sequence.
    error ErrSequencerRange(uint64 initNumBatch, uint64 finalNewBatch);
    /// @notice The proof's bytes and the sender don't hash to the commitment (or the committed hash is zero).
    error InvalidProofHash();
    /// @notice The verifier refused the proof.
    error InvalidProof();
    error OldAccInputHashDoesNotExist();
    error NewAccInputHashDoesNotExist();
    /// @notice The sequence before is not verified yet.
    error InitNumBatchAboveLastVerifiedBatch();
    /// @notice The new state root is not below the BN254 scalar field's modulus.
    error NewStateRootNotInsidePrime();
    error OnlyTrustedSequencer();
    error SequenceZeroBatches();
    /// @notice More than `MAX_SEQUENCE_BATCHES` batches in a sequence.
    error ExceedMaxVerifyBatches();
    error SequencedTimestampInvalid();
    error ForcedDataDoesNotMatch();
    error OnlyEmergencyState();
    error OnlyNotEmergencyState();

    // Thrown by the contracts of 2023 and never here; declared so that one ABI decodes the errors of both.
    error SlotAdapterEmpty();
    error OldStateRootDoesNotExist();
    error CommittedBatches();
    error OnlyDeposit();

    /// @notice Posts one sequence. Only the trusted sequencer may, by a transaction of its own, and not during an
    /// emergency.
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external;

    /// @notice Commits to a final proof of one sequence (step 1); the first hash opens a round at its block R.
    /// @param proofHash keccak256(keccak256(proof) ‖ sender), 52-byte preimage.
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external;

    /// @notice Shows the committed proof (step 2). The first one moves the state; later ones earn their share only.
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external;

    /// @notice Gives the 212 bytes whose sha256 modulo the field is the proof's public input. They contain the
    /// **caller**: an `eth_call` must set `from` to the miner.
    function getInputSnarkBytes(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 oldStateRoot,
        bytes32 newStateRoot
    ) external view returns (bytes memory);

    /// @notice Gives the sequence that ends with this batch; zeros if none does.
    /// @return accInputHash Chain of inputs up to and with this batch.
    /// @return sequencedTimestamp Block time of the sequencing transaction, seconds.
    /// @return previousLastBatchSequenced Last batch before the sequence.
    /// @return blockNumber R, the block of the first hash of the round; keeps its value after an expiry until the
    /// next hash; 0 if no round was opened or the last one is void.
    /// @return proofSubmitted Whether the sequence is verified.
    function sequencedBatches(uint64 finalNewBatch)
        external
        view
        returns (
            bytes32 accInputHash,
            uint64 sequencedTimestamp,
            uint64 previousLastBatchSequenced,
            uint256 blockNumber,
            bool proofSubmitted
        );

    /// @notice Gives a miner's last commitment on a sequence.
    /// @return proofHash 0 if there is none.
    /// @return blockNumber R of the round it belongs to, not the block of the miner's own transaction.
    /// @return proof Whether this miner's proof was accepted: **the** sign of success.
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof);

    /// @notice Gives T1 in blocks for rounds that open from now on.
    function proofHashCommitEpoch() external view returns (uint8);
    /// @notice Gives T2 in blocks for rounds that open from now on.
    function proofCommitEpoch() external view returns (uint8);
    /// @notice Gives the least stake to commit with, in wei.
    function minDeposit() external view returns (uint256);
    /// @notice Gives the penalty in wei for rounds that open from now on.
    function noProofPunishAmount() external view returns (uint256);
    function lastBatchSequenced() external view returns (uint64);
    function lastVerifiedBatch() external view returns (uint64);
    /// @notice Gives the same as `lastVerifiedBatch`; in 2023 it counted pending states, which don't exist here.
    function getLastVerifiedBatch() external view returns (uint64);
    /// @notice Gives the root after this batch; known for batch 0 and the final batches of verified sequences, else 0.
    function batchNumToStateRoot(uint64 numBatch) external view returns (bytes32);
    function rollupVerifier() external view returns (IRollupVerifier);
    function chainID() external view returns (uint64);
    function forkID() external view returns (uint64);
    /// @notice Gives the address that answers ISlotAdapter.
    function slotAdapter() external view returns (address);
    /// @notice Gives the address that answers IMinerDeposit.
    function ideDeposit() external view returns (address);
    function trustedSequencer() external view returns (address);
    function isEmergencyState() external view returns (bool);

    function setProofHashCommitEpoch(uint8 newProofHashCommitEpoch) external;
    function setProofCommitEpoch(uint8 newProofCommitEpoch) external;
    function setMinDeposit(uint256 newMinDeposit) external;
    function setNoProofPunishAmount(uint256 newNoProofPunishAmount) external;
    function setTrustedSequencer(address newTrustedSequencer) external;
    /// @notice Stops sequencing, commits and proofs, and makes every open round void. Only the owner may call it.
    function activateEmergencyState() external;
    /// @notice Ends the emergency, in a later block than it began. Only the owner may call it.
    function deactivateEmergencyState() external;
}
