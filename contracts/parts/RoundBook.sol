// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {RewardPool} from "./RewardPool.sol";

/// @title Sequences and their rounds: how a round begins, how long it lasts, how it ends
/// @dev A round is named by (sequence, R): rounds of a sequence never share a first block, because the next one opens
/// after R+T1+T2, or after an emergency that lasted beyond the block it began in.
abstract contract RoundBook is RewardPool {
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

    /// @dev How a round stands for a commitment in it. Open: nothing may be done but proving.
    enum Outcome {
        Open,
        Expired,
        Void,
        Verified
    }

    mapping(uint64 finalNewBatch => Sequence) internal _sequences;
    mapping(uint64 finalNewBatch => mapping(uint64 roundStartBlock => RoundRules)) internal _rules;

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

    /// @dev R of the sequence's round; 0 if there never was one or the last one is void.
    function _currentRound(uint64 finalNewBatch) internal view returns (uint64 startBlock) {
        startBlock = _sequences[finalNewBatch].roundStartBlock;
        if (startBlock != 0 && _outcome(finalNewBatch, startBlock) == Outcome.Void) return 0;
    }

    function _joinOrOpenRound(uint64 finalNewBatch) internal returns (uint64 startBlock) {
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

    /// @dev The one place that decides how a round ended. Void and Expired are for ever; so is Verified.
    function _outcome(uint64 finalNewBatch, uint64 startBlock) internal view returns (Outcome) {
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
    function _lastBlock(uint64 finalNewBatch, uint64 startBlock) internal view returns (uint64 lastBlock) {
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
}
