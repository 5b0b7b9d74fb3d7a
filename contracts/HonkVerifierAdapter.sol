// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "./IRollupVerifier.sol";

/// @title What the proof system generates: reverts on a bad proof
interface IHonkVerifier {
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool);
}

/// @title A generated verifier behind the interface of 2023, which answers false instead of reverting
/// @notice Carries the name of the structured reference string (SRS) that the verification key was made with.
contract HonkVerifierAdapter is IRollupVerifier {
    /// @notice A development SRS has a known secret: anybody can forge proofs under it.
    error DevelopmentSrsRefused(uint256 chainId);
    /// @notice There is no contract at the verifier's address.
    error VerifierMissing(address verifier);

    /// @dev Chain ids of anvil and Hardhat, and of geth's development mode.
    uint256 private constant ANVIL_CHAIN_ID = 31337;
    uint256 private constant GETH_DEV_CHAIN_ID = 1337;

    /// @notice The generated verifier.
    IHonkVerifier public immutable verifier;
    /// @notice Whether the SRS is for development only.
    bool public immutable isDevelopmentSrs;
    /// @notice Name of the SRS.
    string public srsName;

    constructor(IHonkVerifier generatedVerifier, string memory nameOfSrs, bool isDevelopment) {
        // INVARIANT: a verifier that can be fooled exists on development chains only.
        if (isDevelopment && block.chainid != ANVIL_CHAIN_ID && block.chainid != GETH_DEV_CHAIN_ID) {
            revert DevelopmentSrsRefused(block.chainid);
        }
        if (address(generatedVerifier).code.length == 0) revert VerifierMissing(address(generatedVerifier));
        verifier = generatedVerifier;
        srsName = nameOfSrs;
        isDevelopmentSrs = isDevelopment;
    }

    /// @inheritdoc IRollupVerifier
    /// @dev Every failure inside is a "no", running out of gas too. That can't be turned against a miner: gas is chosen
    /// by whoever sends the proof, a "no" reverts its submission, and it may send the same bytes again with more.
    function verifyProof(bytes calldata proof, uint256[1] calldata pubSignals) external view returns (bool) {
        bytes32[] memory publicInputs = new bytes32[](1);
        publicInputs[0] = bytes32(pubSignals[0]);
        try verifier.verify(proof, publicInputs) returns (bool isValid) {
            return isValid;
        } catch {
            return false;
        }
    }
}
