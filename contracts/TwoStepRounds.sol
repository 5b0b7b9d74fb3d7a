// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "./ISlotAdapter.sol";
import {ITwoStepRollup} from "./ITwoStepRollup.sol";
import {IZkpowRollup} from "./IZkpowRollup.sol";
import {RewardPool} from "./RewardPool.sol";

/// @title Rounds of a sequence, the commitments in them, and how they end
/// @dev A round is named by (sequence, R): rounds of a sequence never share a first block, because the next one opens
/// after R+T1+T2, or after an emergency that lasted beyond the block it began in.
abstract contract TwoStepRounds is RewardPool {
    /// @dev `roundStartBlock` is R of the last round opened, void ones included; 0 if none.
    /// `verifiedAtBlock` is 0 until a proof is accepted, always in the round of `roundStartBlock`.
    struct Sequence {
        bytes32 accInputHash;
        uint64 sequencedTimestamp;
        uint64 previousLastBatchSequenced;
        uint64 roundStartBlock;
        uint64 verifiedAtBlock;
    }

    /// @dev The rules a round began with. `emergenciesBefore` counts the emergencies that began before it.
    struct RoundRules {
        uint64 commitBlocks;
        uint64 proveBlocks;
        uint64 lateProofBlocks;
        uint64 emergenciesBefore;
        uint256 penalty;
    }

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

    /// @dev How a commitment stands. Open: nothing may be done to it but proving.
    enum Outcome {
        Open,
        Expired,
        Void,
        Verified
    }

    mapping(uint64 finalNewBatch => Sequence) internal _sequences;
    mapping(uint64 finalNewBatch => mapping(uint64 roundStartBlock => RoundRules)) private _rules;
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
        for (uint256 i = 0; i < finalNewBatches.length; i++) {
            MinerCommitment storage commitment = _commitments[finalNewBatches[i]][msg.sender];
            if (commitment.roundStartBlock == 0 || commitment.isSettled) continue;
            Outcome outcome = _outcome(finalNewBatches[i], commitment.roundStartBlock);
            if (outcome != Outcome.Open) _settle(finalNewBatches[i], msg.sender, outcome);
        }
        _payClaimable(msg.sender);
    }

    /// @inheritdoc IZkpowRollup
    function getRound(uint64 finalNewBatch) external view returns (Round memory round) {
        uint64 startBlock = _currentRound(finalNewBatch);
        if (startBlock == 0) return round;
        RoundRules storage rules = _rules[finalNewBatch][startBlock];
        round.startBlock = startBlock;
        round.commitBlocks = rules.commitBlocks;
        round.proveBlocks = rules.proveBlocks;
        round.penalty = rules.penalty;
        round.verifiedAtBlock = _sequences[finalNewBatch].verifiedAtBlock;
        round.isVerified = round.verifiedAtBlock != 0;
        if (round.isVerified) round.lateProofDeadlineBlock = _lastBlock(finalNewBatch, startBlock);
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

    /// @dev R of the sequence's round; 0 if there never was one or the last one is void.
    function _currentRound(uint64 finalNewBatch) internal view returns (uint64 startBlock) {
        startBlock = _sequences[finalNewBatch].roundStartBlock;
        if (startBlock != 0 && _outcome(finalNewBatch, startBlock) == Outcome.Void) return 0;
    }

    function _joinOrOpenRound(uint64 finalNewBatch) private returns (uint64 startBlock) {
        startBlock = _currentRound(finalNewBatch);
        if (startBlock == 0 || block.number > _lastBlock(finalNewBatch, startBlock)) return _openRound(finalNewBatch);
        if (block.number > startBlock + _rules[finalNewBatch][startBlock].commitBlocks) revert CommittedTimeout();
    }

    function _openRound(uint64 finalNewBatch) private returns (uint64 startBlock) {
        startBlock = uint64(block.number);
        // INVARIANT: a round keeps the rules it began with.
        RoundRules memory rules = RoundRules({
            commitBlocks: proofHashCommitEpoch,
            proveBlocks: proofCommitEpoch,
            lateProofBlocks: lateProofBlocks,
            emergenciesBefore: uint64(_emergencyBlocks.length),
            penalty: noProofPunishAmount
        });
        _rules[finalNewBatch][startBlock] = rules;
        _sequences[finalNewBatch].roundStartBlock = startBlock;
        emit RoundOpened(finalNewBatch, startBlock, rules.commitBlocks, rules.proveBlocks, rules.penalty);
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

    /// @dev The one place that decides how a round ended. Void and Expired are for ever; so is Verified.
    function _outcome(uint64 finalNewBatch, uint64 startBlock) private view returns (Outcome) {
        bool isOver = block.number > _lastBlock(finalNewBatch, startBlock);
        if (_isVerifiedIn(finalNewBatch, startBlock)) return isOver ? Outcome.Verified : Outcome.Open;
        RoundRules storage rules = _rules[finalNewBatch][startBlock];
        // INVARIANT: a round that was open during an emergency is void; one that had expired before stays expired.
        if (
            rules.emergenciesBefore < _emergencyBlocks.length
                && _emergencyBlocks[rules.emergenciesBefore] <= _lastBlock(finalNewBatch, startBlock)
        ) return Outcome.Void;
        return isOver ? Outcome.Expired : Outcome.Open;
    }

    /// @dev Last block in which a proof of this round is accepted, as things stand.
    function _lastBlock(uint64 finalNewBatch, uint64 startBlock) private view returns (uint64 lastBlock) {
        RoundRules storage rules = _rules[finalNewBatch][startBlock];
        lastBlock = startBlock + rules.commitBlocks + rules.proveBlocks;
        if (!_isVerifiedIn(finalNewBatch, startBlock)) return lastBlock;
        // INVARIANT: an early first proof takes nothing from the others' proof window.
        uint64 lateBlock = _sequences[finalNewBatch].verifiedAtBlock + rules.lateProofBlocks;
        if (lateBlock > lastBlock) return lateBlock;
    }

    function _isVerifiedIn(uint64 finalNewBatch, uint64 startBlock) private view returns (bool) {
        Sequence storage sequence = _sequences[finalNewBatch];
        return sequence.verifiedAtBlock != 0 && sequence.roundStartBlock == startBlock;
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
