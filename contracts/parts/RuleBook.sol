// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {TwoStepOwner} from "./TwoStepOwner.sol";

/// @title What the owner may change, and the emergency
/// @notice Everything here holds for later rounds and sequences only: a round copies its rules when it opens.
abstract contract RuleBook is IZkpowRollup, TwoStepOwner {
    /// @dev Keeps sums of block numbers far from overflow: about four years of one-second blocks.
    uint64 internal constant MAX_LATE_PROOF_BLOCKS = 2 ** 27;

    /// @inheritdoc IZkpowRollup
    address public treasury;
    address public trustedSequencer;
    uint8 public proofHashCommitEpoch;
    uint8 public proofCommitEpoch;
    bool public isEmergencyState;
    /// @inheritdoc IZkpowRollup
    uint64 public lateProofBlocks;
    uint256 public minDeposit;
    uint256 public noProofPunishAmount;

    /// @dev Blocks in which emergencies began, ascending. A round remembers how many there were when it opened, so the
    /// entry at that index is the first emergency that could have met it.
    uint64[] internal _emergencyBlocks;

    modifier ifNotEmergencyState() {
        if (isEmergencyState) revert OnlyNotEmergencyState();
        _;
    }

    constructor(RollupParams memory params) TwoStepOwner(params.owner) {
        if (params.owner == address(0)) revert InvalidParameter("owner");
        _setTrustedSequencer(params.trustedSequencer);
        _setTreasury(params.treasury);
        _setProofHashCommitEpoch(params.proofHashCommitEpoch);
        _setProofCommitEpoch(params.proofCommitEpoch);
        _setLateProofBlocks(params.lateProofBlocks);
        _setMinDeposit(params.minDeposit);
        _setNoProofPunishAmount(params.noProofPunishAmount);
    }

    function setTrustedSequencer(address newTrustedSequencer) external onlyOwner {
        _setTrustedSequencer(newTrustedSequencer);
    }

    function setTreasury(address newTreasury) external onlyOwner {
        _setTreasury(newTreasury);
    }

    function setProofHashCommitEpoch(uint8 newProofHashCommitEpoch) external onlyOwner {
        _setProofHashCommitEpoch(newProofHashCommitEpoch);
    }

    function setProofCommitEpoch(uint8 newProofCommitEpoch) external onlyOwner {
        _setProofCommitEpoch(newProofCommitEpoch);
    }

    function setLateProofBlocks(uint64 newLateProofBlocks) external onlyOwner {
        _setLateProofBlocks(newLateProofBlocks);
    }

    function setMinDeposit(uint256 newMinDeposit) external onlyOwner {
        _setMinDeposit(newMinDeposit);
    }

    function setNoProofPunishAmount(uint256 newNoProofPunishAmount) external onlyOwner {
        _setNoProofPunishAmount(newNoProofPunishAmount);
    }

    function activateEmergencyState() external onlyOwner ifNotEmergencyState {
        isEmergencyState = true;
        _emergencyBlocks.push(uint64(block.number));
        emit EmergencyStateActivated();
    }

    function deactivateEmergencyState() external onlyOwner {
        if (!isEmergencyState) revert OnlyEmergencyState();
        // INVARIANT: R names a round of a sequence. A round made void in block b can't be followed by one with R = b.
        if (block.number == _emergencyBlocks[_emergencyBlocks.length - 1]) revert EmergencyTooShort();
        isEmergencyState = false;
        emit EmergencyStateDeactivated();
    }

    function _setTrustedSequencer(address newTrustedSequencer) private {
        if (newTrustedSequencer == address(0)) revert InvalidParameter("trustedSequencer");
        trustedSequencer = newTrustedSequencer;
        emit SetTrustedSequencer(newTrustedSequencer);
    }

    function _setTreasury(address newTreasury) private {
        if (newTreasury == address(0)) revert InvalidParameter("treasury");
        treasury = newTreasury;
        emit SetTreasury(newTreasury);
    }

    function _setProofHashCommitEpoch(uint8 newProofHashCommitEpoch) private {
        if (newProofHashCommitEpoch == 0) revert InvalidParameter("proofHashCommitEpoch");
        proofHashCommitEpoch = newProofHashCommitEpoch;
        emit SetProofHashCommitEpoch(newProofHashCommitEpoch);
    }

    function _setProofCommitEpoch(uint8 newProofCommitEpoch) private {
        if (newProofCommitEpoch == 0) revert InvalidParameter("proofCommitEpoch");
        proofCommitEpoch = newProofCommitEpoch;
        emit SetProofCommitEpoch(newProofCommitEpoch);
    }

    function _setLateProofBlocks(uint64 newLateProofBlocks) private {
        if (newLateProofBlocks > MAX_LATE_PROOF_BLOCKS) revert InvalidParameter("lateProofBlocks");
        lateProofBlocks = newLateProofBlocks;
        emit SetLateProofBlocks(newLateProofBlocks);
    }

    function _setMinDeposit(uint256 newMinDeposit) private {
        minDeposit = newMinDeposit;
        emit SetMinDeposit(newMinDeposit);
    }

    function _setNoProofPunishAmount(uint256 newNoProofPunishAmount) private {
        noProofPunishAmount = newNoProofPunishAmount;
        emit SetNoProofPunishAmount(newNoProofPunishAmount);
    }
}
