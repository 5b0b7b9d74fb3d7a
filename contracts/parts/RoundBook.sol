// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {RewardPool} from "./RewardPool.sol";

/// @title Sequences and their rounds: how a round begins, how long it lasts, how it ends
/// @dev A round is named by (sequence, R): rounds of a sequence never share a first block, because the next one opens
/// after R+T1+T2, or after an emergency that lasted beyond the block it began in.
abstract contract RoundBook is RewardPool {
    /// @dev It is one slot. `sequencedTimestamp` is not 0 in a sequence that exists. `roundStartBlock` is R of the last
    /// round opened, void ones included, and `ruleVersion` its rules; 0 if none. `verifiedAtBlock` is 0 until a proof
    /// is accepted, always in the round of `roundStartBlock`.
    struct Sequence {
        uint64 sequencedTimestamp;
        uint64 previousLastBatchSequenced;
        uint48 roundStartBlock;
        uint48 verifiedAtBlock;
        uint32 ruleVersion;
    }

    /// @dev A round as it stands now; in memory only. `lastBlock` is the last one in which a proof is accepted.
    struct RoundNow {
        uint256 startBlock;
        uint256 lastBlock;
        uint32 ruleVersion;
        bool isVerified;
        RoundRules rules;
    }

    /// @dev How a round stands for a commitment in it. Open: nothing may be done but proving.
    enum Outcome {
        Open,
        Expired,
        Void,
        Verified
    }

    mapping(uint64 finalNewBatch => Sequence) internal _sequences;
    mapping(uint64 finalNewBatch => bytes32) internal _accInputHashes;

    /// @inheritdoc IZkpowRollup
    function getRound(uint64 finalNewBatch) external view returns (Round memory round) {
        Sequence memory sequence = _sequences[finalNewBatch];
        RoundNow memory current = _currentRound(sequence);
        if (current.startBlock == 0) return round;
        round.startBlock = uint64(current.startBlock);
        round.commitBlocks = current.rules.commitBlocks;
        round.proveBlocks = current.rules.proveBlocks;
        round.penalty = current.rules.penalty;
        round.verifiedAtBlock = sequence.verifiedAtBlock;
        round.isVerified = current.isVerified;
        if (round.isVerified) round.lateProofDeadlineBlock = uint64(current.lastBlock);
    }

    /// @dev Gives the sequence's round; its `startBlock` is 0 if there never was one or the last one is void.
    function _currentRound(Sequence memory sequence) internal view returns (RoundNow memory round) {
        if (sequence.roundStartBlock == 0) return round;
        round = _roundOf(sequence, sequence.roundStartBlock, sequence.ruleVersion);
        if (_outcome(round) == Outcome.Void) round.startBlock = 0;
    }

    /// @dev Gives the round of a sequence, last or earlier, that opened in `startBlock` with these rules.
    function _roundOf(Sequence memory sequence, uint48 startBlock, uint32 ruleVersion)
        internal
        view
        returns (RoundNow memory round)
    {
        round.rules = _rules[ruleVersion];
        round.ruleVersion = ruleVersion;
        round.startBlock = startBlock;
        round.lastBlock = round.startBlock + round.rules.commitBlocks + round.rules.proveBlocks;
        round.isVerified = sequence.verifiedAtBlock != 0 && sequence.roundStartBlock == startBlock;
        if (!round.isVerified) return round;
        // INVARIANT: an early first proof takes nothing from the others' proof window.
        uint256 lateBlock = uint256(sequence.verifiedAtBlock) + round.rules.lateProofBlocks;
        if (lateBlock > round.lastBlock) round.lastBlock = lateBlock;
    }

    /// @dev Lets the sender join the live round, or opens one. `sequence` is what is stored of the unverified sequence
    /// that ends with `finalNewBatch`.
    function _joinOrOpenRound(uint64 finalNewBatch, Sequence memory sequence) internal returns (RoundNow memory round) {
        round = _currentRound(sequence);
        if (round.startBlock == 0 || block.number > round.lastBlock) return _openRound(finalNewBatch, sequence);
        if (block.number > round.startBlock + round.rules.commitBlocks) revert CommittedTimeout();
    }

    function _openRound(uint64 finalNewBatch, Sequence memory sequence) private returns (RoundNow memory round) {
        sequence.roundStartBlock = _blockNumber();
        sequence.ruleVersion = _ruleVersion;
        _sequences[finalNewBatch] = sequence;
        round = _roundOf(sequence, sequence.roundStartBlock, sequence.ruleVersion);
        emit RoundOpened(
            finalNewBatch,
            sequence.roundStartBlock,
            round.rules.commitBlocks,
            round.rules.proveBlocks,
            round.rules.penalty
        );
    }

    /// @dev Decides how a round ended, at this one place. Void and Expired are for ever; so is Verified.
    function _outcome(RoundNow memory round) internal view returns (Outcome) {
        bool isOver = block.number > round.lastBlock;
        if (round.isVerified) return isOver ? Outcome.Verified : Outcome.Open;
        if (_hasMetEmergency(round)) return Outcome.Void;
        return isOver ? Outcome.Expired : Outcome.Open;
    }

    /// @dev Tells whether an emergency met the round. INVARIANT: a round that was open during an emergency is void; one
    /// that had expired before stays expired.
    function _hasMetEmergency(RoundNow memory round) private view returns (bool) {
        if (round.ruleVersion == _ruleVersion) return false;
        uint256 emergencyBlock = _emergencyBlocks[round.rules.emergenciesBefore];
        return emergencyBlock != 0 && emergencyBlock <= round.lastBlock;
    }
}
