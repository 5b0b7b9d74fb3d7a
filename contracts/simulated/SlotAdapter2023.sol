// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payouts} from "../parts/Payouts.sol";
import {Deposit2023} from "./Deposit2023.sol";
import {DevelopmentOnly} from "./DevelopmentOnly.sol";

/// @title SIMULATED: rewards as in 2023, with the slot of the rollup and its funds in one contract
/// @notice A proof is paid in the call that brings it, so whatever keeps the payment back reverts the verification: the
/// slot is paused, the funds are drained, or all committed stake together is below one coin, by which it is divided.
contract SlotAdapter2023 is Payouts, DevelopmentOnly {
    struct Reward {
        uint256 wholeBlock;
        uint256 sequencedAtBlock;
    }

    error OnlyRollup();
    error OnlyOwner();
    error SlotNotRunning();
    error RewardsDrained();

    /// @notice The names of the arguments are ours.
    event DistributeRewards(uint256 indexed finalNewBatch, address indexed rollup, address indexed miner, uint256 amount);
    event PunishAmount(address indexed miner, uint256 amount);

    address public immutable owner;
    address public immutable rollup;
    Deposit2023 public ideDeposit;
    bool public isPaused;
    uint256 public rewardPerBlock;
    mapping(uint64 finalNewBatch => Reward) private _rewards;
    mapping(uint256 blockNumber => uint256) private _sequencesIn;

    constructor(address owner_, address rollup_, uint256 rewardPerBlock_) payable {
        owner = owner_;
        rollup = rollup_;
        rewardPerBlock = rewardPerBlock_;
    }

    modifier onlyRollup() {
        if (msg.sender != rollup) revert OnlyRollup();
        _;
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert OnlyOwner();
        _;
    }

    function fundRewards() external payable {}

    function drain(address to) external onlyOwner {
        _pay(to, address(this).balance);
    }

    function setPaused(bool isPaused_) external onlyOwner {
        isPaused = isPaused_;
    }

    function setDeposit(Deposit2023 newDeposit) external onlyOwner {
        ideDeposit = newDeposit;
    }

    /// @notice Remembers what a sequence of this block will be paid.
    function noteSequence(uint64 finalNewBatch) external onlyRollup {
        _rewards[finalNewBatch] = Reward(rewardPerBlock, block.number);
        ++_sequencesIn[block.number];
    }

    /// @notice Pays a prover its share, by whole coins of stake.
    function distributeRewards(uint64 finalNewBatch, address miner, uint256 stake, uint256 totalStake) external onlyRollup {
        if (isPaused) revert SlotNotRunning();
        Reward storage reward = _rewards[finalNewBatch];
        uint256 amount = (stake / 1 ether) * (reward.wholeBlock / _sequencesIn[reward.sequencedAtBlock]) / (totalStake / 1 ether);
        if (amount > address(this).balance) revert RewardsDrained();
        emit DistributeRewards(finalNewBatch, rollup, miner, amount);
        _pay(miner, amount);
    }

    function punish(address miner, uint256 amount) external onlyRollup {
        emit PunishAmount(miner, amount);
        ideDeposit.punish(miner, amount);
    }
}
