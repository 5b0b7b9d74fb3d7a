// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "../interfaces/ISlotAdapter.sol";
import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {RoundBook} from "./RoundBook.sol";

/// @title Commitments of miners: the two steps, and what comes of them
abstract contract TwoStepRounds is RoundBook {
    /// @dev `committedStake` is the miner's stake when committing; once proved, what counts for its share.
    /// `outflowBefore` is the miner's `Stake.outflow` when committing. Both in wei; 2^128 wei exceed any coin's supply.
    struct MinerCommitment {
        bytes32 proofHash;
        uint64 roundStartBlock;
        bool isProved;
        bool isSettled;
        uint128 committedStake;
        uint128 outflowBefore;
    }

    mapping(uint64 finalNewBatch => mapping(address miner => MinerCommitment)) private _commitments;

    /// @inheritdoc IZkpowRollup
    function settle(uint64 finalNewBatch, address miner) external {
        MinerCommitment storage commitment = _commitments[finalNewBatch][miner];
        if (commitment.roundStartBlock == 0) revert NothingCommitted(finalNewBatch, miner);
        if (commitment.isSettled) revert AlreadySettled(finalNewBatch, miner);
        Outcome outcome = _outcome(finalNewBatch, commitment.roundStartBlock);
        if (outcome == Outcome.Open) revert RoundUndecided(_lastBlock(finalNewBatch, commitment.roundStartBlock));
        _settle(finalNewBatch, miner, outcome);
    }

    /// @inheritdoc ISlotAdapter
    function claim(uint64[] calldata finalNewBatches) external nonReentrant {
        // The caller chooses the length and pays for it; nobody else can add to its work.
        for (uint256 i = 0; i < finalNewBatches.length; i++) {
            MinerCommitment storage commitment = _commitments[finalNewBatches[i]][msg.sender];
            if (commitment.roundStartBlock == 0 || commitment.isSettled) continue;
            Outcome outcome = _outcome(finalNewBatches[i], commitment.roundStartBlock);
            if (outcome != Outcome.Open) _settle(finalNewBatches[i], msg.sender, outcome);
        }
        _payClaimable(msg.sender);
    }

    /// @inheritdoc IZkpowRollup
    function getCommitment(uint64 finalNewBatch, address miner) external view returns (Commitment memory) {
        MinerCommitment storage commitment = _commitments[finalNewBatch][miner];
        bool isLocked = !commitment.isProved && !commitment.isSettled;
        return Commitment({
            proofHash: commitment.proofHash,
            roundStartBlock: commitment.roundStartBlock,
            lockedStake: isLocked ? _rules[finalNewBatch][commitment.roundStartBlock].penalty : 0,
            isProved: commitment.isProved,
            isSettled: commitment.isSettled
        });
    }

    /// @inheritdoc ITwoStepRollup
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof)
    {
        MinerCommitment storage commitment = _commitments[finalNewBatch][miner];
        return (commitment.proofHash, commitment.roundStartBlock, commitment.isProved);
    }

    /// @dev Step 1 for a sequence that exists and is not verified; the old commitment is settled or there is none.
    function _commit(uint64 finalNewBatch, bytes32 proofHash) internal {
        uint64 startBlock = _joinOrOpenRound(finalNewBatch);
        Stake memory stake = _stakeOf(msg.sender);
        _lockStake(msg.sender, _rules[finalNewBatch][startBlock].penalty);
        _commitments[finalNewBatch][msg.sender] = MinerCommitment({
            proofHash: proofHash,
            roundStartBlock: startBlock,
            isProved: false,
            isSettled: false,
            committedStake: _toUint128(stake.total),
            outflowBefore: _toUint128(stake.outflow)
        });
    }

    /// @dev Ends the sender's last commitment on this unverified sequence, so that it may commit anew.
    function _settleBeforeCommit(uint64 finalNewBatch) internal {
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        if (commitment.roundStartBlock == 0 || commitment.isSettled) return;
        Outcome outcome = _outcome(finalNewBatch, commitment.roundStartBlock);
        // INVARIANT: one hash per miner and round.
        if (outcome == Outcome.Open) revert CommittedProofHash();
        _settle(finalNewBatch, msg.sender, outcome);
    }

    /// @dev Reverts unless the sender may show a proof now. The hash it must match is returned.
    function _requireProvable(uint64 finalNewBatch) internal view returns (bytes32 proofHash) {
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        uint64 startBlock = _currentRound(finalNewBatch);
        // INVARIANT: no proof is seen before the last hash of its round, so none can be copied.
        if (startBlock != 0 && block.number <= startBlock + _rules[finalNewBatch][startBlock].commitBlocks) {
            revert SubmitProofEarly();
        }
        // INVARIANT: only a commitment of this very round can be proved.
        if (commitment.roundStartBlock != startBlock) revert ErrCommitProof();
        if (startBlock == 0) revert CommittedProofHash();
        if (block.number > _lastBlock(finalNewBatch, startBlock)) revert SubmitProofTooLate();
        // INVARIANT: one accepted proof per miner and sequence.
        if (commitment.isProved) revert CommittedProof();
        return commitment.proofHash;
    }

    /// @dev Step 2 once the proof is verified: ends the lock and enters the sender in the division of the reward.
    function _acceptProof(uint64 finalNewBatch) internal {
        Sequence storage sequence = _sequences[finalNewBatch];
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        bool isFirst = sequence.verifiedAtBlock == 0;
        if (isFirst) sequence.verifiedAtBlock = uint64(block.number);

        uint256 penalty = _rules[finalNewBatch][sequence.roundStartBlock].penalty;
        uint128 counted = _countedStake(commitment, penalty);
        commitment.isProved = true;
        commitment.committedStake = counted;
        _unlockStake(msg.sender, penalty);
        _shareReward(finalNewBatch, counted);
        emit ProofAccepted(finalNewBatch, msg.sender, sequence.roundStartBlock, counted, isFirst);
    }

    function _settle(uint64 finalNewBatch, address miner, Outcome outcome) private {
        MinerCommitment storage commitment = _commitments[finalNewBatch][miner];
        commitment.isSettled = true;
        uint256 lost = 0;
        uint256 share = 0;
        uint256 penalty = _rules[finalNewBatch][commitment.roundStartBlock].penalty;
        if (commitment.isProved) {
            share = _creditShare(finalNewBatch, miner, commitment.committedStake);
        } else if (outcome == Outcome.Expired) {
            lost = penalty;
            _penalise(miner, penalty);
        } else {
            _unlockStake(miner, penalty);
        }
        emit CommitmentSettled(finalNewBatch, miner, commitment.roundStartBlock, lost, share);
    }

    /// @dev Stake when committing less what left since. At least what is locked, and 1 wei, so that rollups without
    /// stake or penalty divide equally.
    function _countedStake(MinerCommitment storage commitment, uint256 penalty) private view returns (uint128) {
        uint256 left = _stakeOf(msg.sender).outflow - commitment.outflowBefore;
        uint256 kept = commitment.committedStake > left ? commitment.committedStake - left : 0;
        uint256 floor = penalty == 0 ? 1 : penalty;
        return _toUint128(kept > floor ? kept : floor);
    }

    function _toUint128(uint256 amount) private pure returns (uint128) {
        if (amount > type(uint128).max) revert InvalidParameter("amount");
        return uint128(amount);
    }
}
