// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "../interfaces/ISlotAdapter.sol";
import {MinerStake} from "./MinerStake.sol";

/// @title The pool of rewards, the amounts set aside, and what miners may claim
abstract contract RewardPool is MinerStake {
    /// @inheritdoc ISlotAdapter
    uint256 public rewardPerSequence;
    /// @inheritdoc ISlotAdapter
    mapping(address miner => uint256) public claimable;

    mapping(uint64 finalNewBatch => SequenceReward) private _rewards;

    // INVARIANT: pool, sum of `amount - credited` of undivided sequences, and sum of `claimable`.
    uint256 internal _pool;
    uint256 internal _setAside;
    uint256 internal _claimable;

    constructor(RollupParams memory params) {
        _setRewardPerSequence(params.rewardPerSequence);
    }

    /// @inheritdoc ISlotAdapter
    function fundRewards() external payable {
        _pool += msg.value;
        emit RewardsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ISlotAdapter
    function setRewardPerSequence(uint256 newRewardPerSequence) external onlyOwner {
        _setRewardPerSequence(newRewardPerSequence);
    }

    /// @inheritdoc ISlotAdapter
    function getSequenceReward(uint64 finalNewBatch) external view returns (SequenceReward memory) {
        return _rewards[finalNewBatch];
    }

    function _setRewardAside(uint64 finalNewBatch) internal {
        // INVARIANT: an empty pool never blocks a sequence: it gets what is there.
        uint256 amount = rewardPerSequence < _pool ? rewardPerSequence : _pool;
        _pool -= amount;
        _setAside += amount;
        _rewards[finalNewBatch].amount = amount;
        emit RewardSetAside(finalNewBatch, amount);
    }

    /// @dev An accepted proof takes part in the division with `committedStake` wei (not 0).
    function _shareReward(uint64 finalNewBatch, uint256 committedStake) internal {
        _rewards[finalNewBatch].acceptedStake += committedStake;
    }

    /// @dev Only after the late-proof deadline (the divisor is final then) and once per accepted proof.
    function _creditShare(uint64 finalNewBatch, address miner, uint256 committedStake) internal returns (uint256 share) {
        SequenceReward storage reward = _rewards[finalNewBatch];
        share = reward.amount * committedStake / reward.acceptedStake;
        reward.credited += share;
        reward.creditedStake += committedStake;
        claimable[miner] += share;
        _setAside -= share;
        _claimable += share;
        emit DistributeRewards(finalNewBatch, address(this), miner, share);
        if (reward.creditedStake == reward.acceptedStake) _returnDust(finalNewBatch, reward.amount - reward.credited);
    }

    function _payClaimable(address miner) internal {
        uint256 amount = claimable[miner];
        if (amount == 0) return;
        claimable[miner] = 0;
        _claimable -= amount;
        emit Claimed(miner, amount);

        _pay(miner, amount);
    }

    function _returnDust(uint64 finalNewBatch, uint256 dust) private {
        if (dust == 0) return;
        _setAside -= dust;
        _pool += dust;
        emit RewardDustReturned(finalNewBatch, dust);
    }

    function _setRewardPerSequence(uint256 newRewardPerSequence) private {
        rewardPerSequence = newRewardPerSequence;
        emit SetRewardPerSequence(newRewardPerSequence);
    }
}
