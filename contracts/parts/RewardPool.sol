// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISlotAdapter} from "../interfaces/ISlotAdapter.sol";
import {MinerStake} from "./MinerStake.sol";

/// @title The pool of rewards, the amounts set aside, and what miners may claim
abstract contract RewardPool is MinerStake {
    /// @dev It is as ISlotAdapter.SequenceReward, in two slots: wei of the reward, and wei of stake.
    struct Reward {
        uint128 amount;
        uint128 credited;
        uint128 acceptedStake;
        uint128 creditedStake;
    }

    mapping(uint64 finalNewBatch => Reward) private _rewards;

    constructor(RollupParams memory params) {
        _setRewardPerSequence(params.rewardPerSequence);
    }

    /// @inheritdoc ISlotAdapter
    function fundRewards() external payable {
        _pool += _toUint128(msg.value, "amount");
        emit RewardsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ISlotAdapter
    function setRewardPerSequence(uint256 newRewardPerSequence) external onlyOwner {
        _setRewardPerSequence(newRewardPerSequence);
    }

    /// @inheritdoc ISlotAdapter
    function claimable(address miner) external view returns (uint256) {
        return _miners[miner].claimable;
    }

    /// @inheritdoc ISlotAdapter
    function getSequenceReward(uint64 finalNewBatch) external view returns (SequenceReward memory) {
        Reward memory reward = _rewards[finalNewBatch];
        return SequenceReward(reward.amount, reward.acceptedStake, reward.creditedStake, reward.credited);
    }

    function _setRewardAside(uint64 finalNewBatch) internal {
        (uint128 pool, uint128 amount) = (_pool, _rewardPerSequence);
        // INVARIANT: an empty pool never blocks a sequence: it gets what is there.
        if (amount > pool) amount = pool;
        _pool = pool - amount;
        _setAside += amount;
        _rewards[finalNewBatch].amount = amount;
        emit RewardSetAside(finalNewBatch, amount);
    }

    /// @dev Lets an accepted proof take part in the division with `committedStake` wei (not 0).
    function _shareReward(uint64 finalNewBatch, uint128 committedStake) internal {
        _rewards[finalNewBatch].acceptedStake += committedStake;
    }

    /// @dev Takes out a proof's share. It is called only after the late-proof deadline (the divisor is final then) and
    /// once per accepted proof. The share has left what is set aside: the caller credits or pays it.
    function _divideReward(uint64 finalNewBatch, address miner, uint128 committedStake) internal returns (uint128 share) {
        Reward memory reward = _rewards[finalNewBatch];
        // Two factors of 128 bits fit; the share is at most the whole amount, since `acceptedStake` has
        // `committedStake` in it.
        share = uint128(uint256(reward.amount) * committedStake / reward.acceptedStake);
        reward.credited += share;
        reward.creditedStake += committedStake;
        _rewards[finalNewBatch] = reward;
        uint128 dust = reward.creditedStake == reward.acceptedStake ? reward.amount - reward.credited : 0;
        _pool += dust;
        _setAside -= share + dust;
        emit DistributeRewards(finalNewBatch, address(this), miner, share);
        if (dust != 0) emit RewardDustReturned(finalNewBatch, dust);
    }

    function _credit(address miner, uint128 share) internal {
        if (share == 0) return;
        _miners[miner].claimable += share;
        _claimable += share;
    }

    /// @dev Pays what was credited, and `share` wei that are neither credited nor set aside any more.
    function _payClaimable(address miner, uint128 share) internal {
        uint128 credited = _miners[miner].claimable;
        if (credited != 0) {
            _miners[miner].claimable = 0;
            _claimable -= credited;
        }
        uint256 amount = uint256(credited) + share;
        if (amount == 0) return;
        emit Claimed(miner, amount);

        _pay(miner, amount);
    }

    function _setRewardPerSequence(uint256 newRewardPerSequence) private {
        _rewardPerSequence = _toUint128(newRewardPerSequence, "rewardPerSequence");
        emit SetRewardPerSequence(newRewardPerSequence);
    }
}
