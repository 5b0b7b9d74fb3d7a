// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a rollup asks its verifier (the interface of 2023)
interface IRollupVerifier {
    /// @notice Tells whether `proof` proves the statement with the one public input `pubSignals[0]`.
    /// @param proof Exactly the bytes whose hash was committed.
    /// @param pubSignals sha256 of the rollup's `getInputSnarkBytes`, modulo the BN254 scalar field.
    function verifyProof(bytes calldata proof, uint256[1] calldata pubSignals) external view returns (bool);
}
