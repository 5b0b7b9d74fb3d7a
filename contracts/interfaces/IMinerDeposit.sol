// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stake of miners: what `ideDeposit()` of a rollup answers
/// @notice Staking is registration: there is no other list of miners. All amounts are wei of the base chain's coin.
/// A penalty lowers it, so a penalised miner may have to add stake before its next commit.
/// Every open commitment locks the penalty of its round; only what is not locked can be withdrawn or committed with.
interface IMinerDeposit {
    /// @notice `miner` added `amount` wei to its stake.
    event Deposited(address indexed miner, uint256 amount);
    /// @notice `miner` took `amount` wei of unlocked stake back.
    event Withdrawn(address indexed miner, uint256 amount);
    /// @notice `amount` wei of penalties were paid out to the treasury address.
    event TreasuryWithdrawn(address indexed treasury, uint256 amount);

    /// @notice More was asked for than is free: `unlocked` wei are.
    error InsufficientUnlockedStake(uint256 unlocked, uint256 requested);

    /// @notice Adds the sent wei to the sender's stake.
    function deposit() external payable;

    /// @notice Returns `amount` wei of the sender's unlocked stake to it. It works during an emergency too.
    /// @dev Stake that leaves after a commit no longer counts for that commitment's reward (see IZkpowRollup).
    function withdraw(uint256 amount) external;

    /// @notice Pays all collected penalties to the treasury address; anybody may call.
    function withdrawTreasury() external;

    /// @notice Gives the whole stake of `miner` in wei, locked part included. It is compared with `minDeposit()` at a
    /// commit.
    function depositOf(address miner) external view returns (uint256);

    /// @notice Gives the part of `depositOf(miner)` that its undecided commitments hold, in wei.
    function lockedOf(address miner) external view returns (uint256);
}
