// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "../interfaces/IRollupVerifier.sol";
import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {Ledger2023} from "./Ledger2023.sol";

/// @title SIMULATED: a two-step rollup with the loose rules of 2023, flaws included
/// @notice It is for tests only, and written from what is known of the contracts of 2023, so that a miner meets their
/// habits here. Block R+T1 takes hashes and proofs; a wrong proof is fined and the call succeeds; T1, T2 and penalties
/// hold for open rounds as soon as they are set; a late proof has no end; an emergency makes no round void; nothing is
/// locked, settled or claimed. It lacks the exit root manager, proxies, and the queue and waiting time of forced
/// batches.
contract Rollup2023 is Ledger2023 {
    /// @param genesisStateRoot Root of the first state, which no event tells.
    struct Params {
        address owner;
        address trustedSequencer;
        address verifier;
        uint64 chainID;
        uint64 forkID;
        uint8 proofHashCommitEpoch;
        uint8 proofCommitEpoch;
        uint256 minDeposit;
        uint256 noProofPunishAmount;
        uint256 incorrectProofHashPunishAmount;
        bytes32 genesisStateRoot;
    }

    /// @notice One batch that the sequencer left out and anybody may post.
    struct ForcedBatchData {
        bytes transactions;
        bytes32 globalExitRoot;
        uint64 minForcedTimestamp;
    }

    /// @notice A sequence of forced batches that ends with batch `numBatch` was posted.
    event SequenceForceBatches(uint64 indexed numBatch);

    uint256 internal constant FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant MAX_BATCHES = 1000;

    IRollupVerifier public immutable rollupVerifier;
    uint64 public immutable chainID;
    uint64 public immutable forkID;
    address public trustedSequencer;
    bool public isEmergencyState;
    uint64 public lastBatchSequenced;
    uint64 private _lastTimestamp;
    mapping(uint64 numBatch => bytes32) public batchNumToStateRoot;
    mapping(uint256 blockNumber => bool) public blockCommitBatches;
    mapping(address miner => uint256) public proofNum;

    constructor(Params memory p) Ledger2023(p.owner) {
        rollupVerifier = IRollupVerifier(p.verifier);
        chainID = p.chainID;
        forkID = p.forkID;
        trustedSequencer = p.trustedSequencer;
        proofHashCommitEpoch = p.proofHashCommitEpoch;
        proofCommitEpoch = p.proofCommitEpoch;
        minDeposit = p.minDeposit;
        noProofPunishAmount = p.noProofPunishAmount;
        incorrectProofHashPunishAmount = p.incorrectProofHashPunishAmount;
        batchNumToStateRoot[0] = p.genesisStateRoot;
    }

    modifier ifNotEmergencyState() {
        if (isEmergencyState) revert OnlyNotEmergencyState();
        _;
    }

    /// @inheritdoc ITwoStepRollup
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external ifNotEmergencyState {
        if (msg.sender != trustedSequencer) revert OnlyTrustedSequencer();
        if (batches.length == 0) revert SequenceZeroBatches();
        if (batches.length > MAX_BATCHES) revert ExceedMaxVerifyBatches();
        bytes32 accInputHash = sequencedBatches[lastBatchSequenced].accInputHash;
        for (uint256 i = 0; i < batches.length; ++i) {
            BatchData calldata batch = batches[i];
            if (batch.timestamp < _lastTimestamp || batch.timestamp > block.timestamp) revert SequencedTimestampInvalid();
            _lastTimestamp = batch.timestamp;
            accInputHash = _chain(accInputHash, batch.transactions, batch.globalExitRoot, batch.timestamp, l2Coinbase);
        }
        emit SequenceBatches(_post(accInputHash, uint64(batches.length)));
    }

    /// @notice Posts a sequence of forced batches, by anybody; its data is not what `sequenceBatches` takes, nor is its
    /// event.
    function sequenceForceBatches(ForcedBatchData[] calldata batches) external ifNotEmergencyState {
        if (batches.length == 0) revert SequenceZeroBatches();
        bytes32 accInputHash = sequencedBatches[lastBatchSequenced].accInputHash;
        for (uint256 i = 0; i < batches.length; ++i) {
            ForcedBatchData calldata batch = batches[i];
            accInputHash = _chain(accInputHash, batch.transactions, batch.globalExitRoot, uint64(block.timestamp), msg.sender);
        }
        _lastTimestamp = uint64(block.timestamp);
        emit SequenceForceBatches(_post(accInputHash, uint64(batches.length)));
    }

    /// @inheritdoc ITwoStepRollup
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external ifNotEmergencyState {
        if (lastVerifiedBatch >= finalNewBatch || proverCommitProofHash[finalNewBatch][msg.sender].proof) revert CommittedProof();
        if (_isOwnHashFresh(finalNewBatch)) revert CommittedProofHash();
        if (_deposit.depositOf(msg.sender) < minDeposit) revert InsufficientPledge();
        Sequence storage sequence = sequencedBatches[finalNewBatch];
        if (sequence.previousLastBatchSequenced != initNumBatch) revert ErrSequencerRange(initNumBatch, finalNewBatch);
        _requireInputs(initNumBatch, finalNewBatch);
        _commit(finalNewBatch, proofHash);
        emit SubmitProofHash(msg.sender, initNumBatch, finalNewBatch, proofHash);
    }

    /// @inheritdoc ITwoStepRollup
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external ifNotEmergencyState {
        if (finalNewBatch - initNumBatch > MAX_BATCHES) revert ExceedMaxVerifyBatches();
        if (address(_adapter) == address(0)) revert SlotAdapterEmpty();
        bytes32 committed = _requireProvable(finalNewBatch);
        bytes32 oldStateRoot = batchNumToStateRoot[initNumBatch];
        if (oldStateRoot == 0) revert OldStateRootDoesNotExist();
        if (initNumBatch > lastVerifiedBatch) revert InitNumBatchAboveLastVerifiedBatch();
        bytes memory input = getInputSnarkBytes(initNumBatch, finalNewBatch, newLocalExitRoot, oldStateRoot, newStateRoot);
        bool isCommitted = keccak256(abi.encodePacked(keccak256(proof), msg.sender)) == committed;
        if (!isCommitted || !rollupVerifier.verifyProof(proof, [uint256(sha256(input)) % FIELD_MODULUS])) {
            _fine(incorrectProofHashPunishAmount);
            return;
        }
        ++proofNum[msg.sender];
        if (!_accept(finalNewBatch, committed)) return;
        lastVerifiedBatch = finalNewBatch;
        batchNumToStateRoot[finalNewBatch] = newStateRoot;
        emit VerifyBatchesTrustedAggregator(finalNewBatch, newStateRoot, msg.sender);
    }

    /// @inheritdoc ITwoStepRollup
    function getInputSnarkBytes(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 oldStateRoot,
        bytes32 newStateRoot
    ) public view returns (bytes memory) {
        _requireInputs(initNumBatch, finalNewBatch);
        if (uint256(newStateRoot) >= FIELD_MODULUS) revert NewStateRootNotInsidePrime();
        bytes32 oldAccInputHash = sequencedBatches[initNumBatch].accInputHash;
        bytes memory old = abi.encodePacked(msg.sender, oldStateRoot, oldAccInputHash, initNumBatch, chainID, forkID);
        return abi.encodePacked(old, newStateRoot, sequencedBatches[finalNewBatch].accInputHash, newLocalExitRoot, finalNewBatch);
    }

    /// @inheritdoc ITwoStepRollup
    function getLastVerifiedBatch() external view returns (uint64) {
        return lastVerifiedBatch;
    }

    /// @inheritdoc ITwoStepRollup
    function setTrustedSequencer(address newTrustedSequencer) external onlyOwner {
        trustedSequencer = newTrustedSequencer;
        emit SetTrustedSequencer(newTrustedSequencer);
    }

    /// @inheritdoc ITwoStepRollup
    function activateEmergencyState() external onlyOwner {
        isEmergencyState = true;
        emit EmergencyStateActivated();
    }

    /// @inheritdoc ITwoStepRollup
    function deactivateEmergencyState() external onlyOwner {
        isEmergencyState = false;
        emit EmergencyStateDeactivated();
    }

    /// @dev Posts a sequence, whoever sends it, and only one a block.
    function _post(bytes32 accInputHash, uint64 count) private returns (uint64 finalNewBatch) {
        if (blockCommitBatches[block.number]) revert CommittedBatches();
        blockCommitBatches[block.number] = true;
        finalNewBatch = lastBatchSequenced + count;
        Sequence storage sequence = sequencedBatches[finalNewBatch];
        sequence.accInputHash = accInputHash;
        sequence.sequencedTimestamp = uint64(block.timestamp);
        sequence.previousLastBatchSequenced = lastBatchSequenced;
        lastBatchSequenced = finalNewBatch;
        if (address(_adapter) != address(0)) _adapter.noteSequence(finalNewBatch);
    }

    function _requireInputs(uint64 initNumBatch, uint64 finalNewBatch) private view {
        if (initNumBatch != 0 && sequencedBatches[initNumBatch].accInputHash == 0) revert OldAccInputHashDoesNotExist();
        if (sequencedBatches[finalNewBatch].accInputHash == 0) revert NewAccInputHashDoesNotExist();
    }

    function _chain(bytes32 previous, bytes calldata transactions, bytes32 globalExitRoot, uint64 timestamp, address coinbase)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(previous, keccak256(transactions), globalExitRoot, timestamp, coinbase));
    }
}
