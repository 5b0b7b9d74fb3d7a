// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What everything simulated begins with
/// @notice Refuses to be deployed on any chain that is not for development.
abstract contract DevelopmentOnly {
    error DevelopmentChainsOnly(uint256 chainId);

    constructor() {
        if (block.chainid != 31337 && block.chainid != 1337) revert DevelopmentChainsOnly(block.chainid);
    }
}
