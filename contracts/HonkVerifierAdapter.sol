// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRollupVerifier} from "./interfaces/IRollupVerifier.sol";

/// @title What the proof system generates, and the name that set-up writes into it
interface IHonkVerifier {
    /// @notice Reverts on a bad proof.
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool);
    /// @notice Names the structured reference string (SRS) that the verification key was made with.
    function SRS_NAME() external view returns (string memory);
}

/// @title A generated verifier behind the interface of 2023, which answers false instead of reverting
/// @notice Which SRS the verifier trusts is read from the verifier itself: whoever deploys can't say anything else.
contract HonkVerifierAdapter is IRollupVerifier {
    /// @notice Only the canonical SRS is trusted outside development chains. Of a development SRS the secret is known:
    /// anybody can forge proofs under it.
    error SrsRefused(string srsName, uint256 chainId);
    /// @notice There is no contract at the verifier's address, or one that doesn't name its SRS.
    error SrsUnnamed(address verifier);

    /// @dev Chain ids of anvil and Hardhat, and of geth's development mode.
    uint256 private constant ANVIL_CHAIN_ID = 31337;
    uint256 private constant GETH_DEV_CHAIN_ID = 1337;

    /// @dev Name of the string of Aztec's Ignition ceremony, as set-up writes it (`dev/setup/srs/srs-format.ts`).
    bytes32 private constant CANONICAL_SRS = keccak256("canonical-ignition");

    /// @notice The generated verifier.
    IHonkVerifier public immutable verifier;
    /// @notice Whether the SRS is another than the canonical one, and so for development only.
    bool public immutable isDevelopmentSrs;
    /// @notice Name of the SRS.
    string public srsName;

    constructor(IHonkVerifier generatedVerifier) {
        string memory name = nameOfSrs(generatedVerifier);
        bool isCanonical = keccak256(bytes(name)) == CANONICAL_SRS;
        // INVARIANT: a verifier that can be fooled exists on development chains only.
        if (!isCanonical && block.chainid != ANVIL_CHAIN_ID && block.chainid != GETH_DEV_CHAIN_ID) {
            revert SrsRefused(name, block.chainid);
        }
        verifier = generatedVerifier;
        srsName = name;
        isDevelopmentSrs = !isCanonical;
    }

    /// @dev A verifier without a name may be one whose SRS was forgotten: it is none that set-up made.
    function nameOfSrs(IHonkVerifier generatedVerifier) private view returns (string memory) {
        if (address(generatedVerifier).code.length == 0) revert SrsUnnamed(address(generatedVerifier));
        try generatedVerifier.SRS_NAME() returns (string memory name) {
            return name;
        } catch {
            revert SrsUnnamed(address(generatedVerifier));
        }
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
