// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerDeposit} from "../interfaces/IMinerDeposit.sol";
import {Payouts} from "./Payouts.sol";
import {RuleBook} from "./RuleBook.sol";

/// @title Stake, its locks, and the penalties taken from it
abstract contract MinerStake is RuleBook, Payouts {
    /// @param total Whole stake, wei.
    /// @param locked Part of it that undecided commitments hold, wei.
    /// @param outflow Sum of all withdrawals and penalties ever, wei; only grows.
    struct Stake {
        uint256 total;
        uint256 locked;
        uint256 outflow;
    }

    mapping(address miner => Stake) private _stakes;

    // INVARIANT: the sums of `total - locked` and of `locked` over all miners, and penalties not yet paid out.
    uint256 internal _unlockedStake;
    uint256 internal _lockedStake;
    uint256 internal _treasuryBalance;

    /// @inheritdoc IMinerDeposit
    function deposit() external payable {
        _stakes[msg.sender].total += msg.value;
        _unlockedStake += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    /// @inheritdoc IMinerDeposit
    function withdraw(uint256 amount) external nonReentrant {
        // INVARIANT: locked stake doesn't leave before its round is decided.
        uint256 unlocked = _unlockedOf(msg.sender);
        if (amount > unlocked) revert InsufficientUnlockedStake(unlocked, amount);

        Stake storage stake = _stakes[msg.sender];
        stake.total -= amount;
        stake.outflow += amount;
        _unlockedStake -= amount;
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
        return _stakes[miner].total;
    }

    /// @inheritdoc IMinerDeposit
    function lockedOf(address miner) external view returns (uint256) {
        return _stakes[miner].locked;
    }

    function _stakeOf(address miner) internal view returns (Stake memory) {
        return _stakes[miner];
    }

    function _lockStake(address miner, uint256 amount) internal {
        if (amount > _unlockedOf(miner)) revert InsufficientPledge();
        _stakes[miner].locked += amount;
        _unlockedStake -= amount;
        _lockedStake += amount;
    }

    function _unlockStake(address miner, uint256 amount) internal {
        _stakes[miner].locked -= amount;
        _lockedStake -= amount;
        _unlockedStake += amount;
    }

    /// @dev Takes `amount` wei that are locked, so a penalty is always covered.
    function _penalise(address miner, uint256 amount) internal {
        Stake storage stake = _stakes[miner];
        stake.locked -= amount;
        stake.total -= amount;
        stake.outflow += amount;
        _lockedStake -= amount;
        _treasuryBalance += amount;
        emit PunishAmount(miner, amount);
    }

    function _unlockedOf(address miner) private view returns (uint256) {
        Stake storage stake = _stakes[miner];
        return stake.total - stake.locked;
    }
}
