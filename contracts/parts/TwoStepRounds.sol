// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "../interfaces/ISlotAdapter.sol";
import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {RoundBook} from "./RoundBook.sol";

/// @title Commitments of miners: the two steps, and what comes of them
abstract contract TwoStepRounds is RoundBook {
    /// @dev It is one slot. It names the round it belongs to by its first block and its rules (all 0: nothing was
    /// committed). `stake`, wei: the miner's inflow when committing, from which its kept stake follows (MinerStake);
    /// once proved, what counts for its share.
    struct Standing {
        uint48 roundStartBlock;
        uint32 ruleVersion;
        bool isProved;
        bool isSettled;
        uint128 stake;
    }

    struct MinerCommitment {
        bytes32 proofHash;
        Standing standing;
    }

    mapping(uint64 finalNewBatch => mapping(address miner => MinerCommitment)) private _commitments;

    /// @inheritdoc IZkpowRollup
    function settle(uint64 finalNewBatch, address miner) external {
        Standing memory standing = _commitments[finalNewBatch][miner].standing;
        if (standing.roundStartBlock == 0) revert NothingCommitted(finalNewBatch, miner);
        if (standing.isSettled) revert AlreadySettled(finalNewBatch, miner);
        RoundNow memory round = _roundOf(_sequences[finalNewBatch], standing.roundStartBlock, standing.ruleVersion);
        Outcome outcome = _outcome(round);
        if (outcome == Outcome.Open) revert RoundUndecided(uint64(round.lastBlock));
        _credit(miner, _settle(finalNewBatch, miner, standing, round.rules.penalty, outcome));
    }

    /// @inheritdoc ISlotAdapter
    function claim(uint64[] calldata finalNewBatches) external nonReentrant {
        uint128 share = 0;
        // The caller chooses the length and pays for it; nobody else can add to its work.
        for (uint256 i = 0; i < finalNewBatches.length; i++) {
            share += _settleOwn(finalNewBatches[i]);
        }
        _payClaimable(msg.sender, share);
    }

    /// @inheritdoc IZkpowRollup
    function getCommitment(uint64 finalNewBatch, address miner) external view returns (Commitment memory) {
        MinerCommitment memory commitment = _commitments[finalNewBatch][miner];
        Standing memory standing = commitment.standing;
        bool isLocked = !standing.isProved && !standing.isSettled;
        return Commitment({
            proofHash: commitment.proofHash,
            roundStartBlock: standing.roundStartBlock,
            lockedStake: isLocked ? _rules[standing.ruleVersion].penalty : 0,
            isProved: standing.isProved,
            isSettled: standing.isSettled
        });
    }

    /// @inheritdoc ITwoStepRollup
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof)
    {
        MinerCommitment storage commitment = _commitments[finalNewBatch][miner];
        return (commitment.proofHash, commitment.standing.roundStartBlock, commitment.standing.isProved);
    }

    /// @dev Carries out step 1 for a sequence that exists and is not verified; the old commitment is settled or there
    /// is none.
    function _commit(uint64 finalNewBatch, Sequence memory sequence, bytes32 proofHash) internal {
        RoundNow memory round = _joinOrOpenRound(finalNewBatch, sequence);
        _lockStake(msg.sender, round.rules.penalty);
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        commitment.proofHash = proofHash;
        commitment.standing = Standing({
            roundStartBlock: sequence.roundStartBlock,
            ruleVersion: sequence.ruleVersion,
            isProved: false,
            isSettled: false,
            stake: _miners[msg.sender].inflow
        });
    }

    /// @dev Ends the sender's last commitment on this unverified sequence, so that it may commit anew.
    function _settleBeforeCommit(uint64 finalNewBatch, Sequence memory sequence) internal {
        Standing memory standing = _commitments[finalNewBatch][msg.sender].standing;
        if (standing.roundStartBlock == 0 || standing.isSettled) return;
        RoundNow memory round = _roundOf(sequence, standing.roundStartBlock, standing.ruleVersion);
        Outcome outcome = _outcome(round);
        // INVARIANT: a miner has one hash per round.
        if (outcome == Outcome.Open) revert CommittedProofHash();
        _credit(msg.sender, _settle(finalNewBatch, msg.sender, standing, round.rules.penalty, outcome));
    }

    /// @dev Reverts unless the sender may show a proof now. The hash it must match is returned, and its round.
    function _requireProvable(uint64 finalNewBatch, Sequence memory sequence)
        internal
        view
        returns (bytes32 proofHash, RoundNow memory round)
    {
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        Standing memory standing = commitment.standing;
        round = _currentRound(sequence);
        // INVARIANT: no proof is seen before the last hash of its round, so none can be copied.
        if (round.startBlock != 0 && block.number <= round.startBlock + round.rules.commitBlocks) revert SubmitProofEarly();
        // INVARIANT: only a commitment of this very round can be proved.
        if (standing.roundStartBlock != round.startBlock) revert ErrCommitProof();
        if (round.startBlock == 0) revert CommittedProofHash();
        if (block.number > round.lastBlock) revert SubmitProofTooLate();
        // INVARIANT: a miner has one accepted proof per sequence.
        if (standing.isProved) revert CommittedProof();
        return (commitment.proofHash, round);
    }

    /// @dev Carries out step 2 once the proof is verified: it ends the lock and enters the sender in the division of
    /// the reward. `sequence` is what is stored of it; nothing that ran since it was read could change it.
    function _acceptProof(uint64 finalNewBatch, Sequence memory sequence, uint128 penalty) internal {
        bool isFirst = sequence.verifiedAtBlock == 0;
        if (isFirst) {
            sequence.verifiedAtBlock = _blockNumber();
            _sequences[finalNewBatch] = sequence;
        }
        MinerCommitment storage commitment = _commitments[finalNewBatch][msg.sender];
        Standing memory standing = commitment.standing;
        standing.isProved = true;
        standing.stake = _countedStake(standing.stake, penalty);
        commitment.standing = standing;
        _unlockStake(msg.sender, penalty);
        _shareReward(finalNewBatch, standing.stake);
        emit ProofAccepted(finalNewBatch, msg.sender, sequence.roundStartBlock, standing.stake, isFirst);
    }

    /// @dev Settles the sender's commitment on a sequence, if there is one to settle. It returns its share.
    function _settleOwn(uint64 finalNewBatch) private returns (uint128) {
        Standing memory standing = _commitments[finalNewBatch][msg.sender].standing;
        if (standing.roundStartBlock == 0 || standing.isSettled) return 0;
        RoundNow memory round = _roundOf(_sequences[finalNewBatch], standing.roundStartBlock, standing.ruleVersion);
        Outcome outcome = _outcome(round);
        if (outcome == Outcome.Open) return 0;
        return _settle(finalNewBatch, msg.sender, standing, round.rules.penalty, outcome);
    }

    /// @dev Decides a commitment. Its share has left what is set aside: the caller credits or pays it.
    function _settle(uint64 finalNewBatch, address miner, Standing memory standing, uint128 penalty, Outcome outcome)
        private
        returns (uint128 share)
    {
        standing.isSettled = true;
        _commitments[finalNewBatch][miner].standing = standing;
        uint128 lost = 0;
        if (standing.isProved) {
            share = _divideReward(finalNewBatch, miner, standing.stake);
        } else if (outcome == Outcome.Expired) {
            lost = penalty;
            _penalise(miner, penalty);
        } else {
            _unlockStake(miner, penalty);
        }
        emit CommitmentSettled(finalNewBatch, miner, standing.roundStartBlock, lost, share);
    }

    /// @dev Gives the sender's stake when committing less what left since. It is at least what is locked, and 1 wei, so
    /// that rollups without stake or penalty divide equally.
    function _countedStake(uint128 inflowThen, uint128 penalty) private view returns (uint128) {
        uint128 kept = _keptSince(msg.sender, inflowThen);
        uint128 floor = penalty == 0 ? 1 : penalty;
        return kept > floor ? kept : floor;
    }
}
