// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The only place where coins leave
/// @notice Callers write all state before they pay; the guard makes a second payout inside the first impossible too.
abstract contract Payouts {
    /// @notice `to` refused `amount` wei.
    error PayoutFailed(address to, uint256 amount);
    error Reentered();

    bool private transient _entered;

    modifier nonReentrant() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    /// @dev Pays out. This is the last statement of its callers, because the recipient's code runs here.
    function _pay(address to, uint256 amount) internal {
        (bool isPaid,) = to.call{value: amount}("");
        if (!isPaid) revert PayoutFailed(to, amount);
    }
}
