// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerDeposit} from "../interfaces/IMinerDeposit.sol";
import {Payouts} from "./Payouts.sol";
import {RuleBook} from "./RuleBook.sol";

/// @title Stake, its locks, and the penalties taken from it
abstract contract MinerStake is RuleBook, Payouts {
    /// @dev All wei, two slots: what commitments change, and what only grows with what is credited meanwhile.
    /// `total` is the whole stake and `locked` the part of it that undecided commitments hold. `inflow` is the sum of
    /// all deposits ever, so `inflow - total` is what ever left. `claimable` is not stake; it is here because `inflow`
    /// keeps its slot from being made anew for each share.
    struct Miner {
        uint128 total;
        uint128 locked;
        uint128 inflow;
        uint128 claimable;
    }

    mapping(address miner => Miner) internal _miners;

    /// @inheritdoc IMinerDeposit
    function deposit() external payable {
        uint128 amount = _toUint128(msg.value, "amount");
        Miner storage miner = _miners[msg.sender];
        miner.total += amount;
        miner.inflow += amount;
        _unlockedStake += amount;
        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc IMinerDeposit
    function withdraw(uint256 amount) external nonReentrant {
        Miner storage miner = _miners[msg.sender];
        uint128 total = miner.total;
        // INVARIANT: locked stake doesn't leave before its round is decided.
        uint256 unlocked = total - miner.locked;
        if (amount > unlocked) revert InsufficientUnlockedStake(unlocked, amount);

        miner.total = total - uint128(amount); // it was measured above
        _unlockedStake -= uint128(amount);
        emit Withdrawn(msg.sender, amount);

        _pay(msg.sender, amount);
    }

    /// @inheritdoc IMinerDeposit
    function withdrawTreasury() external nonReentrant {
        uint256 amount = _treasuryBalance;
        _treasuryBalance = 0;
        emit TreasuryWithdrawn(treasury, amount);

        _pay(treasury, amount);
    }

    /// @inheritdoc IMinerDeposit
    function depositOf(address miner) external view returns (uint256) {
        return _miners[miner].total;
    }

    /// @inheritdoc IMinerDeposit
    function lockedOf(address miner) external view returns (uint256) {
        return _miners[miner].locked;
    }

    /// @dev Gives what is left of the stake that `miner` had when its inflow was `inflowThen`: that stake, less all
    /// that left since. Deposits made since don't replace it. It is never more than it had then, which its own 128 bits
    /// hold.
    function _keptSince(address miner, uint128 inflowThen) internal view returns (uint128) {
        uint128 outflow = _miners[miner].inflow - _miners[miner].total;
        return inflowThen > outflow ? inflowThen - outflow : 0;
    }

    function _lockStake(address miner, uint128 amount) internal {
        (uint128 total, uint128 locked) = (_miners[miner].total, _miners[miner].locked);
        if (amount > total - locked) revert InsufficientPledge();
        _miners[miner].locked = locked + amount;
        _unlockedStake -= amount;
        _lockedStake += amount;
    }

    function _unlockStake(address miner, uint128 amount) internal {
        _miners[miner].locked -= amount;
        _lockedStake -= amount;
        _unlockedStake += amount;
    }

    /// @dev Takes `amount` wei that are locked, so a penalty is always covered.
    function _penalise(address miner, uint128 amount) internal {
        _miners[miner].locked -= amount;
        _miners[miner].total -= amount;
        _lockedStake -= amount;
        _treasuryBalance += amount;
        emit PunishAmount(miner, amount);
    }
}
