// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "./interfaces/IRollupVerifier.sol";
import {ITwoStepRollup} from "./interfaces/ITwoStepRollup.sol";
import {IZkpowRollup} from "./interfaces/IZkpowRollup.sol";
import {RewardPool} from "./parts/RewardPool.sol";
import {RuleBook} from "./parts/RuleBook.sol";
import {TwoStepRounds} from "./parts/TwoStepRounds.sol";

/// @title The rollup: sequencing, and verifying by the two-step rule
/// @notice The rules are told in IZkpowRollup.
/// @dev One deployed contract, in layers of one concern each: Ledger (packed values that many calls share), RuleBook
/// (what the owner sets, emergencies), MinerStake, RewardPool, RoundBook, TwoStepRounds, and this. `ideDeposit()` and
/// `slotAdapter()` answer its own address. So all coins are in one balance that is checked against one set of sums, no
/// contract has to trust another's caller checks, and between two layers there is no external call to reenter by. The
/// only calls out are the verifier (static) and payouts (last). It is not upgradeable, and the verifier is fixed: a
/// proof that was good when it was committed stays good.
contract ZkpowRollup is TwoStepRounds {
    /// @notice Order of BN254's scalar field.
    uint256 internal constant FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice Most batches of one sequence.
    uint256 public constant MAX_SEQUENCE_BATCHES = 1000;

    /// @inheritdoc ITwoStepRollup
    IRollupVerifier public immutable rollupVerifier;
    uint64 public immutable chainID;
    uint64 public immutable forkID;
    /// @inheritdoc IZkpowRollup
    uint64 public immutable batchBytes;

    /// @inheritdoc ITwoStepRollup
    mapping(uint64 numBatch => bytes32) public batchNumToStateRoot;

    constructor(RollupParams memory params) RuleBook(params) RewardPool(params) {
        if (params.verifier.code.length == 0) revert InvalidParameter("verifier");
        if (params.batchBytes == 0) revert InvalidParameter("batchBytes");
        rollupVerifier = IRollupVerifier(params.verifier);
        chainID = params.chainID;
        forkID = params.forkID;
        batchBytes = params.batchBytes;
    }

    /// @inheritdoc IZkpowRollup
    function initialize(bytes32 genesisStateRoot, bytes calldata state) external onlyOwner {
        if (batchNumToStateRoot[0] != 0) revert AlreadyInitialized();
        if (genesisStateRoot == 0 || uint256(genesisStateRoot) >= FIELD_MODULUS) revert InvalidParameter("genesisStateRoot");
        batchNumToStateRoot[0] = genesisStateRoot;
        emit GenesisState(genesisStateRoot, state);
    }

    /// @inheritdoc ITwoStepRollup
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external ifNotEmergencyState {
        if (msg.sender != trustedSequencer) revert OnlyTrustedSequencer();
        uint64 previous = lastBatchSequenced;
        // Whoever posted the first sequence met a first state, which stays.
        if (previous == 0 && batchNumToStateRoot[0] == 0) revert NotInitialized();
        if (batches.length == 0) revert SequenceZeroBatches();
        if (batches.length > MAX_SEQUENCE_BATCHES) revert ExceedMaxVerifyBatches();
        _requireReadable(batches, l2Coinbase);

        uint64 finalNewBatch = previous + uint64(batches.length);
        (bytes32 accInputHash, uint64 lastTimestamp) = _chainBatches(_accInputHashes[previous], batches, l2Coinbase);
        _accInputHashes[finalNewBatch] = accInputHash;
        _sequences[finalNewBatch] = Sequence({
            sequencedTimestamp: uint64(block.timestamp), // headers have 64 bits, too
            previousLastBatchSequenced: previous,
            roundStartBlock: 0,
            verifiedAtBlock: 0,
            ruleVersion: 0
        });
        lastBatchSequenced = finalNewBatch;
        _lastTimestamp = lastTimestamp;
        _setRewardAside(finalNewBatch);
        emit SequenceBatches(finalNewBatch);
    }

    /// @inheritdoc ITwoStepRollup
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external ifNotEmergencyState {
        // INVARIANT: a verified sequence opens no round.
        if (finalNewBatch <= lastVerifiedBatch) revert CommittedProof();
        if (proofHash == 0) revert InvalidProofHash();
        Sequence memory sequence = _sequences[finalNewBatch];
        _settleBeforeCommit(finalNewBatch, sequence);
        if (_miners[msg.sender].total < _minDeposit) revert InsufficientPledge();
        _requireSequence(sequence, initNumBatch, finalNewBatch);

        _commit(finalNewBatch, sequence, proofHash);
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
        Sequence memory sequence = _sequences[finalNewBatch];
        _requireSequence(sequence, initNumBatch, finalNewBatch);
        (bytes32 proofHash, RoundNow memory round) = _requireProvable(finalNewBatch, sequence);
        // INVARIANT: sequences verify in order, without gaps.
        if (initNumBatch > lastVerifiedBatch) revert InitNumBatchAboveLastVerifiedBatch();
        // INVARIANT: exactly the committed bytes, from the committer.
        if (keccak256(abi.encodePacked(keccak256(proof), msg.sender)) != proofHash) revert InvalidProofHash();
        // INVARIANT: a sequence has one state.
        bool isFirst = finalNewBatch > lastVerifiedBatch;
        if (!isFirst && newStateRoot != batchNumToStateRoot[finalNewBatch]) {
            revert StateRootMismatch(batchNumToStateRoot[finalNewBatch], newStateRoot);
        }
        _requireValid(initNumBatch, finalNewBatch, newLocalExitRoot, newStateRoot, proof);

        _acceptProof(finalNewBatch, sequence, round.rules.penalty);
        if (!isFirst) return;
        lastVerifiedBatch = finalNewBatch;
        batchNumToStateRoot[finalNewBatch] = newStateRoot;
        emit VerifyBatchesTrustedAggregator(finalNewBatch, newStateRoot, msg.sender);
    }

    /// @inheritdoc ITwoStepRollup
    function sequencedBatches(uint64 finalNewBatch)
        external
        view
        returns (
            bytes32 accInputHash,
            uint64 sequencedTimestamp,
            uint64 previousLastBatchSequenced,
            uint256 blockNumber,
            bool proofSubmitted
        )
    {
        Sequence memory sequence = _sequences[finalNewBatch];
        accInputHash = _accInputHashes[finalNewBatch];
        sequencedTimestamp = sequence.sequencedTimestamp;
        previousLastBatchSequenced = sequence.previousLastBatchSequenced;
        blockNumber = _currentRound(sequence).startBlock;
        proofSubmitted = sequence.verifiedAtBlock != 0;
    }

    /// @inheritdoc ITwoStepRollup
    function slotAdapter() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc ITwoStepRollup
    function ideDeposit() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc ITwoStepRollup
    function getInputSnarkBytes(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 oldStateRoot,
        bytes32 newStateRoot
    ) public view returns (bytes memory) {
        bytes32 oldAccInputHash = _accInputHashes[initNumBatch];
        bytes32 newAccInputHash = _accInputHashes[finalNewBatch];
        if (initNumBatch != 0 && oldAccInputHash == 0) revert OldAccInputHashDoesNotExist();
        if (newAccInputHash == 0) revert NewAccInputHashDoesNotExist();
        if (uint256(newStateRoot) >= FIELD_MODULUS) revert NewStateRootNotInsidePrime();
        return abi.encodePacked(
            msg.sender,
            oldStateRoot,
            oldAccInputHash,
            initNumBatch,
            chainID,
            forkID,
            newStateRoot,
            newAccInputHash,
            newLocalExitRoot,
            finalNewBatch
        );
    }

    /// @dev Gives the chain of inputs after `batches`, and the last one's timestamp.
    function _chainBatches(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase)
        private
        view
        returns (bytes32, uint64)
    {
        uint64 timestamp = _lastTimestamp;
        for (uint256 i = 0; i < batches.length; i++) {
            BatchData calldata batch = batches[i];
            // INVARIANT: whatever is posted can be proved; the circuit takes exactly this many bytes.
            if (batch.transactions.length != batchBytes) revert BatchLengthInvalid(batchBytes, batch.transactions.length);
            if (batch.minForcedTimestamp != 0) revert ForcedDataDoesNotMatch();
            if (batch.timestamp < timestamp || batch.timestamp > block.timestamp) revert SequencedTimestampInvalid();
            timestamp = batch.timestamp;
            accInputHash = keccak256(
                abi.encodePacked(accInputHash, keccak256(batch.transactions), batch.globalExitRoot, timestamp, l2Coinbase)
            );
        }
        return (accInputHash, timestamp);
    }

    /// @dev Solidity takes encodings that other decoders refuse (offsets that point backwards), and one such sequence
    /// would stop every miner: what it can't read it can't prove, nor any sequence after it.
    function _requireReadable(BatchData[] calldata batches, address l2Coinbase) private view {
        // INVARIANT: the data is the transaction's own calldata. A sender with code might have called from within
        // another.
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert DataNotInTransaction();
        // INVARIANT: the data has the one encoding that every decoder reads alike. This comes first, because the
        // encoding below then takes the same memory, whose price is quadratic.
        bytes32 posted = keccak256(msg.data);
        if (keccak256(abi.encodeCall(ITwoStepRollup.sequenceBatches, (batches, l2Coinbase))) != posted) revert EncodingNotCanonical();
    }

    function _requireSequence(Sequence memory sequence, uint64 initNumBatch, uint64 finalNewBatch) private pure {
        if (sequence.previousLastBatchSequenced != initNumBatch) revert ErrSequencerRange(initNumBatch, finalNewBatch);
        if (sequence.sequencedTimestamp == 0) revert NewAccInputHashDoesNotExist();
    }

    function _requireValid(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) private view {
        // INVARIANT: the proof speaks about our storage and this sender, not about what the caller says is there.
        bytes memory input = getInputSnarkBytes(
            initNumBatch, finalNewBatch, newLocalExitRoot, batchNumToStateRoot[initNumBatch], newStateRoot
        );
        uint256 inputSnark = uint256(sha256(input)) % FIELD_MODULUS;
        if (!rollupVerifier.verifyProof(proof, [inputSnark])) revert InvalidProof();
    }
}
