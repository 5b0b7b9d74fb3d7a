// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "../interfaces/ISlotAdapter.sol";
import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";

/// @title All single values that calls read or write, packed by who needs them together
/// @dev A slot that is read first in a transaction costs 2,100 gas, one that changes 5,000, one that is made 22,100. So
/// each group below is one slot, and no group that calls write often falls to 0 between them. A test counts it.
/// Wei are kept in 128 bits: 2^128 of them exceed any coin's supply. Arithmetic is checked, and a value that is cast
/// to fewer bits is measured first: what doesn't fit reverts.
abstract contract Ledger is IZkpowRollup {
    // Every commit and every proof reads these. `_ruleVersion` names the entry of RuleBook's `_rules` for new rounds.
    bool public isEmergencyState;
    uint64 public lastVerifiedBatch;
    uint32 internal _ruleVersion;
    uint128 internal _minDeposit;

    // Every sequence writes these, so the slot is not 0 when a share is credited. `_lastTimestamp` is that of the last
    // batch, seconds. INVARIANT: `_claimable` is the sum of what miners may claim.
    uint64 public lastBatchSequenced;
    uint64 internal _lastTimestamp;
    uint128 internal _claimable;

    // INVARIANT: these are the pool, and the sum of `amount - credited` of undivided sequences.
    uint128 internal _pool;
    uint128 internal _setAside;

    // INVARIANT: these are the sums of `total - locked` and of `locked` over all miners.
    uint128 internal _unlockedStake;
    uint128 internal _lockedStake;

    // Every sequence reads the first; the second is penalties not yet paid out.
    uint128 internal _rewardPerSequence;
    uint128 internal _treasuryBalance;

    /// @inheritdoc ITwoStepRollup
    function minDeposit() external view returns (uint256) {
        return _minDeposit;
    }

    /// @inheritdoc ISlotAdapter
    function rewardPerSequence() external view returns (uint256) {
        return _rewardPerSequence;
    }

    /// @inheritdoc ITwoStepRollup
    function getLastVerifiedBatch() external view returns (uint64) {
        return lastVerifiedBatch;
    }

    /// @inheritdoc IZkpowRollup
    function accounting() external view returns (Accounting memory) {
        return Accounting({
            stake: _unlockedStake,
            locked: _lockedStake,
            pool: _pool,
            setAside: _setAside,
            claimable: _claimable,
            treasury: _treasuryBalance
        });
    }

    /// @dev Fits an amount of wei into 128 bits. `name` is what a caller gave too much of.
    function _toUint128(uint256 amount, string memory name) internal pure returns (uint128) {
        if (amount > type(uint128).max) revert InvalidParameter(name);
        return uint128(amount);
    }

    /// @dev Gives the number of this block, for which 48 bits last nine million years of one-second blocks.
    function _blockNumber() internal view returns (uint48) {
        if (block.number > type(uint48).max) revert InvalidParameter("block.number");
        return uint48(block.number);
    }
}
