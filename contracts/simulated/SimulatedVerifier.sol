// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "../interfaces/IRollupVerifier.sol";
import {DevelopmentOnly} from "./DevelopmentOnly.sol";

/// @title SIMULATED: proves nothing
/// @notice It is for tests of contracts and of load. It accepts exactly the bytes `abi.encode(input) ‖ salt` with a
/// salt of any length, so a proof is bound to its public input as a real one is, and can be randomised.
contract SimulatedVerifier is IRollupVerifier, DevelopmentOnly {
    /// @inheritdoc IRollupVerifier
    function verifyProof(bytes calldata proof, uint256[1] calldata pubSignals) external pure returns (bool) {
        return proof.length >= 32 && bytes32(proof[:32]) == bytes32(pubSignals[0]);
    }
}
