// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An owner that changes hands in two steps
/// @notice The new owner must accept, so that a mistyped address can't lose the contract.
abstract contract TwoStepOwner {
    /// @notice `newOwner` may accept the ownership now.
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    error OnlyOwner();
    error OnlyPendingOwner();

    /// @notice Who may change settings and call an emergency.
    address public owner;
    /// @notice Who may become the owner by accepting; 0 if nobody.
    address public pendingOwner;

    modifier onlyOwner() {
        if (msg.sender != owner) revert OnlyOwner();
        _;
    }

    constructor(address firstOwner) {
        owner = firstOwner;
        emit OwnershipTransferred(address(0), firstOwner);
    }

    /// @notice Offers the ownership to `newOwner`; 0 withdraws an offer.
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    /// @notice Takes an offered ownership.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert OnlyPendingOwner();
        address previousOwner = owner;
        owner = msg.sender;
        delete pendingOwner;
        emit OwnershipTransferred(previousOwner, msg.sender);
    }
}
