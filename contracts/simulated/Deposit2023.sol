// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payouts} from "../parts/Payouts.sol";
import {DevelopmentOnly} from "./DevelopmentOnly.sol";

/// @title What a miner's deposit asks of its rollup
interface IMinerLedger2023 {
    function settle(address miner) external;
}

/// @title SIMULATED: stake of miners as in 2023, in the chain's coin
/// @notice Nothing is locked: a miner may withdraw right after it has committed. Fines stay in the contract.
contract Deposit2023 is Payouts, DevelopmentOnly {
    struct Punished {
        uint256 expected;
        uint256 real;
    }

    error WrongValue();
    error OnlyPlainAccounts();
    error OnlySlotAdapter();
    error DepositTooSmall();

    IMinerLedger2023 public immutable rollup;
    address public immutable slotAdapter;
    mapping(address miner => uint256) public depositOf;
    mapping(address miner => Punished) public punishAmounts;

    constructor(IMinerLedger2023 rollup_, address slotAdapter_) {
        rollup = rollup_;
        slotAdapter = slotAdapter_;
    }

    /// @param amount Names what is sent along.
    function deposit(uint256 amount) external payable {
        if (msg.value != amount) revert WrongValue();
        depositOf[msg.sender] += amount;
    }

    function withdraw(uint256 amount) external nonReentrant {
        if (msg.sender != tx.origin) revert OnlyPlainAccounts();
        rollup.settle(msg.sender);
        if (depositOf[msg.sender] < amount) revert DepositTooSmall();
        depositOf[msg.sender] -= amount;
        _pay(msg.sender, amount);
    }

    /// @notice Takes `amount`, or what is there.
    function punish(address miner, uint256 amount) external {
        if (msg.sender != slotAdapter) revert OnlySlotAdapter();
        uint256 real = amount < depositOf[miner] ? amount : depositOf[miner];
        depositOf[miner] -= real;
        punishAmounts[miner].expected += amount;
        punishAmounts[miner].real += real;
    }
}
