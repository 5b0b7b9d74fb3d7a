// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Rewards and penalties: what `slotAdapter()` of a rollup answers
/// @notice Anybody funds the pool. A sequence's reward leaves the pool when it is sequenced (as much as is there: an
/// empty pool blocks nothing), waits until the sequence's late-proof deadline, is then divided by committed stake
/// among the miners whose proofs were accepted, and is paid when they claim. What division leaves goes back.
interface ISlotAdapter {
    /// @notice State of one sequence's reward, all in wei except where said.
    /// @param amount Set aside when the sequence was sequenced.
    /// @param acceptedStake Sum of committed stake of the accepted proofs so far: the divisor.
    /// @param creditedStake Part of `acceptedStake` whose shares are credited already.
    /// @param credited Sum of the shares credited so far.
    struct SequenceReward {
        uint256 amount;
        uint256 acceptedStake;
        uint256 creditedStake;
        uint256 credited;
    }

    /// @notice `miner` lost `amount` wei of stake to the treasury: its round expired and nobody had proved.
    event PunishAmount(address indexed miner, uint256 amount);
    /// @notice `amount` wei of the sequence that ends with `finalNewBatch` became claimable by `miner`.
    /// @dev The types are those of 2023; the names of the arguments are ours.
    event DistributeRewards(uint256 indexed finalNewBatch, address indexed rollup, address indexed miner, uint256 amount);
    /// @notice `amount` wei came into the pool from `funder`.
    event RewardsFunded(address indexed funder, uint256 amount);
    /// @notice `amount` wei of the pool were set aside for a sequence.
    event RewardSetAside(uint64 indexed finalNewBatch, uint256 amount);
    /// @notice `amount` wei that division left of a sequence's reward returned to the pool.
    event RewardDustReturned(uint64 indexed finalNewBatch, uint256 amount);
    /// @notice `miner` was paid `amount` wei.
    event Claimed(address indexed miner, uint256 amount);
    event SetRewardPerSequence(uint256 rewardPerSequence);

    /// @notice Adds the sent wei to the pool.
    function fundRewards() external payable;

    /// @notice Settles what can be settled of the sender's commitments on the listed sequences (see
    /// IZkpowRollup.settle), skips the rest, then pays the sender all it can claim. It works during an emergency too.
    function claim(uint64[] calldata finalNewBatches) external;

    /// @notice Sets the amount set aside for each sequence from now on, in wei. Only the owner may call it.
    function setRewardPerSequence(uint256 rewardPerSequence) external;

    /// @notice Gives the wei set aside for the next sequence, if the pool has them.
    function rewardPerSequence() external view returns (uint256);

    /// @notice Gives the wei credited to `miner` and not yet claimed.
    function claimable(address miner) external view returns (uint256);

    /// @notice Gives the state of the reward of the sequence that ends with `finalNewBatch`.
    function getSequenceReward(uint64 finalNewBatch) external view returns (SequenceReward memory);
}
