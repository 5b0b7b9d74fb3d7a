// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {Deposit2023} from "./Deposit2023.sol";
import {DevelopmentOnly} from "./DevelopmentOnly.sol";
import {SlotAdapter2023} from "./SlotAdapter2023.sol";

/// @title SIMULATED: rounds, the ledger of hashes and its fines, as the contracts of 2023 keep them
/// @notice Nothing is fined at a deadline: a miner's own next call sweeps its ledger. An entry is found by its hash
/// alone, so another miner or another sequence with the same hash takes its place; the cursor counts what a sweep has
/// closed, wherever that stood, so it may pass over what is open. `T1 + T2` is a sum of two uint8, which panics above
/// 255.
abstract contract Ledger2023 is ITwoStepRollup, DevelopmentOnly {
    /// @param blockNumber R, the block of the first hash of the round; 0 while none was sent.
    /// @param proofSubmitted Whether the sequence is verified.
    struct Sequence {
        bytes32 accInputHash;
        uint64 sequencedTimestamp;
        uint64 previousLastBatchSequenced;
        uint256 blockNumber;
        bool proofSubmitted;
    }

    /// @param blockNumber R of the round that the hash belongs to.
    struct CommittedHash {
        bytes32 proofHash;
        uint256 blockNumber;
        bool proof;
    }

    /// @param hashBlock Block of the miner's own hash, which need not be R.
    /// @param proofBlock Block of its accepted proof; 0 without one.
    /// @param isClosed Fined, or freed.
    struct Entry {
        uint256 hashBlock;
        uint256 proofBlock;
        uint64 finalNewBatch;
        bool isClosed;
    }

    error OnlyOwner();

    event SetIncorrectProofPunishAmount(uint256 amount);

    address public immutable owner;
    Deposit2023 internal _deposit;
    SlotAdapter2023 internal _adapter;

    uint8 public proofHashCommitEpoch;
    uint8 public proofCommitEpoch;
    uint256 public minDeposit;
    uint256 public noProofPunishAmount;
    uint256 public incorrectProofHashPunishAmount;
    uint64 public lastVerifiedBatch;

    mapping(uint64 finalNewBatch => Sequence) public sequencedBatches;
    mapping(uint64 finalNewBatch => mapping(address miner => CommittedHash)) public proverCommitProofHash;
    mapping(address miner => Entry[]) public proverLiquidation;
    mapping(address miner => uint256) public proverLastLiquidated;
    mapping(bytes32 proofHash => uint256) public proverPosition;
    /// @dev Stake at the commit, and its sum over the round's committers.
    mapping(uint64 finalNewBatch => mapping(address miner => uint256)) private _stake;
    mapping(uint64 finalNewBatch => uint256) private _totalStake;
    uint256 private _openEntries;

    constructor(address owner_) {
        owner = owner_;
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert OnlyOwner();
        _;
    }

    /// @notice Sweeps a miner's ledger before it withdraws.
    function settle(address miner) external {
        if (msg.sender != address(_deposit)) revert OnlyDeposit();
        _sweep(miner);
    }

    /// @notice Tells whether no entry of any miner is open.
    function isAllLiquidated() external view returns (bool) {
        return _openEntries == 0;
    }

    /// @inheritdoc ITwoStepRollup
    function ideDeposit() external view returns (address) {
        return address(_deposit);
    }

    /// @inheritdoc ITwoStepRollup
    function slotAdapter() external view returns (address) {
        return address(_adapter);
    }

    function setDeposit(Deposit2023 newDeposit) external onlyOwner {
        _deposit = newDeposit;
    }

    function setSlotAdapter(SlotAdapter2023 newAdapter) external onlyOwner {
        _adapter = newAdapter;
    }

    /// @inheritdoc ITwoStepRollup
    function setProofHashCommitEpoch(uint8 newProofHashCommitEpoch) external onlyOwner {
        proofHashCommitEpoch = newProofHashCommitEpoch;
        emit SetProofHashCommitEpoch(newProofHashCommitEpoch);
    }

    /// @inheritdoc ITwoStepRollup
    function setProofCommitEpoch(uint8 newProofCommitEpoch) external onlyOwner {
        proofCommitEpoch = newProofCommitEpoch;
        emit SetProofCommitEpoch(newProofCommitEpoch);
    }

    /// @inheritdoc ITwoStepRollup
    function setMinDeposit(uint256 newMinDeposit) external onlyOwner {
        minDeposit = newMinDeposit;
        emit SetMinDeposit(newMinDeposit);
    }

    /// @inheritdoc ITwoStepRollup
    function setNoProofPunishAmount(uint256 newNoProofPunishAmount) external onlyOwner {
        noProofPunishAmount = newNoProofPunishAmount;
        emit SetNoProofPunishAmount(newNoProofPunishAmount);
    }

    function setIncorrectProofPunishAmount(uint256 newIncorrectProofPunishAmount) external onlyOwner {
        incorrectProofHashPunishAmount = newIncorrectProofPunishAmount;
        emit SetIncorrectProofPunishAmount(newIncorrectProofPunishAmount);
    }

    /// @dev Tells whether the caller has a hash there, and T1+T2 blocks of today haven't passed since its R.
    function _isOwnHashFresh(uint64 finalNewBatch) internal view returns (bool) {
        CommittedHash storage own = proverCommitProofHash[finalNewBatch][msg.sender];
        return own.blockNumber != 0 && own.blockNumber + _span() > block.number;
    }

    function _commit(uint64 finalNewBatch, bytes32 proofHash) internal {
        Sequence storage sequence = sequencedBatches[finalNewBatch];
        uint256 start = sequence.blockNumber;
        if (start != 0 && block.number - start > _span() && !sequence.proofSubmitted) start = 0;
        if (start == 0) {
            // Shares of others in the round that is over stay where they are.
            (sequence.blockNumber, _totalStake[finalNewBatch], _stake[finalNewBatch][msg.sender]) = (block.number, 0, 0);
        } else if (block.number - start > proofHashCommitEpoch) {
            revert CommittedTimeout();
        }
        proverCommitProofHash[finalNewBatch][msg.sender] = CommittedHash(proofHash, sequence.blockNumber, false);
        uint256 stake = _deposit.depositOf(msg.sender);
        _stake[finalNewBatch][msg.sender] += stake;
        _totalStake[finalNewBatch] += stake;
        _sweep(msg.sender);
        proverPosition[proofHash] = proverLiquidation[msg.sender].length;
        proverLiquidation[msg.sender].push(Entry(block.number, 0, finalNewBatch, false));
        ++_openEntries;
    }

    /// @return committed The caller's hash, in a round whose window for proofs is open.
    function _requireProvable(uint64 finalNewBatch) internal view returns (bytes32 committed) {
        Sequence storage sequence = sequencedBatches[finalNewBatch];
        CommittedHash storage own = proverCommitProofHash[finalNewBatch][msg.sender];
        if (block.number < sequence.blockNumber + proofHashCommitEpoch) revert SubmitProofEarly();
        if (own.blockNumber != sequence.blockNumber) revert ErrCommitProof();
        if (!sequence.proofSubmitted && block.number > sequence.blockNumber + _span()) revert SubmitProofTooLate();
        if (own.proofHash == 0) revert CommittedProofHash();
        if (own.proof) revert CommittedProof();
        return own.proofHash;
    }

    /// @return isFirst Whether the state moves.
    function _accept(uint64 finalNewBatch, bytes32 committed) internal returns (bool isFirst) {
        Sequence storage sequence = sequencedBatches[finalNewBatch];
        isFirst = !sequence.proofSubmitted;
        sequence.proofSubmitted = true;
        proverCommitProofHash[finalNewBatch][msg.sender].proof = true;
        proverLiquidation[msg.sender][proverPosition[committed]].proofBlock = block.number;
        _adapter.distributeRewards(finalNewBatch, msg.sender, _stake[finalNewBatch][msg.sender], _totalStake[finalNewBatch]);
        _sweep(msg.sender);
    }

    function _fine(uint256 amount) internal {
        _adapter.punish(msg.sender, amount);
        _sweep(msg.sender);
    }

    function _sweep(address miner) private {
        Entry[] storage entries = proverLiquidation[miner];
        uint256 closed;
        for (uint256 i = proverLastLiquidated[miner]; i < entries.length; ++i) {
            if (_close(miner, entries[i])) ++closed;
        }
        proverLastLiquidated[miner] += closed;
        _openEntries -= closed;
    }

    /// @return Whether the entry was open and is closed now.
    function _close(address miner, Entry storage entry) private returns (bool) {
        if (entry.isClosed) return false;
        uint256 end = entry.proofBlock == 0 ? block.number : entry.proofBlock;
        bool isFree = entry.proofBlock != 0 && sequencedBatches[entry.finalNewBatch].proofSubmitted;
        if (!isFree && end - entry.hashBlock <= _span()) return false;
        entry.isClosed = true;
        if (!isFree) _adapter.punish(miner, noProofPunishAmount);
        return true;
    }

    /// @dev Adds two uint8.
    function _span() private view returns (uint256) {
        return proofHashCommitEpoch + proofCommitEpoch;
    }
}
