// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITwoStepRollup} from "../interfaces/ITwoStepRollup.sol";
import {IZkpowRollup} from "../interfaces/IZkpowRollup.sol";
import {Ledger} from "./Ledger.sol";
import {TwoStepOwner} from "./TwoStepOwner.sol";

/// @title What the owner may change, and the emergency
/// @notice Everything here holds for later rounds and sequences only: a round remembers which version of the rules it
/// opened with, and no version ever changes.
abstract contract RuleBook is Ledger, TwoStepOwner {
    /// @dev Keeps sums of block numbers far from overflow: about four years of one-second blocks.
    uint64 internal constant MAX_LATE_PROOF_BLOCKS = 2 ** 27;

    /// @dev The rules that a round begins with, one slot. `penalty` is in wei. `emergenciesBefore` counts the
    /// emergencies that began before this version did.
    struct RoundRules {
        uint8 commitBlocks;
        uint8 proveBlocks;
        uint32 lateProofBlocks;
        uint32 emergenciesBefore;
        uint128 penalty;
    }

    /// @inheritdoc IZkpowRollup
    address public treasury;
    address public trustedSequencer;

    /// @dev Each is written once. There is no version 0, so what names it has no round.
    mapping(uint32 version => RoundRules) internal _rules;
    /// @dev Blocks in which emergencies began, ascending, from index 0 on. The one at a version's `emergenciesBefore`
    /// is the first that could have met its rounds.
    mapping(uint32 index => uint256 blockNumber) internal _emergencyBlocks;

    modifier ifNotEmergencyState() {
        if (isEmergencyState) revert OnlyNotEmergencyState();
        _;
    }

    constructor(RollupParams memory params) TwoStepOwner(params.owner) {
        if (params.owner == address(0)) revert InvalidParameter("owner");
        _setTrustedSequencer(params.trustedSequencer);
        _setTreasury(params.treasury);
        RoundRules memory rules;
        _setProofHashCommitEpoch(rules, params.proofHashCommitEpoch);
        _setProofCommitEpoch(rules, params.proofCommitEpoch);
        _setLateProofBlocks(rules, params.lateProofBlocks);
        _setMinDeposit(params.minDeposit);
        _setNoProofPunishAmount(rules, params.noProofPunishAmount);
        _beginRules(rules);
    }

    function setTrustedSequencer(address newTrustedSequencer) external onlyOwner {
        _setTrustedSequencer(newTrustedSequencer);
    }

    function setTreasury(address newTreasury) external onlyOwner {
        _setTreasury(newTreasury);
    }

    function setProofHashCommitEpoch(uint8 newProofHashCommitEpoch) external onlyOwner {
        RoundRules memory rules = _rules[_ruleVersion];
        _setProofHashCommitEpoch(rules, newProofHashCommitEpoch);
        _beginRules(rules);
    }

    function setProofCommitEpoch(uint8 newProofCommitEpoch) external onlyOwner {
        RoundRules memory rules = _rules[_ruleVersion];
        _setProofCommitEpoch(rules, newProofCommitEpoch);
        _beginRules(rules);
    }

    function setLateProofBlocks(uint64 newLateProofBlocks) external onlyOwner {
        RoundRules memory rules = _rules[_ruleVersion];
        _setLateProofBlocks(rules, newLateProofBlocks);
        _beginRules(rules);
    }

    function setMinDeposit(uint256 newMinDeposit) external onlyOwner {
        _setMinDeposit(newMinDeposit);
    }

    function setNoProofPunishAmount(uint256 newNoProofPunishAmount) external onlyOwner {
        RoundRules memory rules = _rules[_ruleVersion];
        _setNoProofPunishAmount(rules, newNoProofPunishAmount);
        _beginRules(rules);
    }

    function activateEmergencyState() external onlyOwner ifNotEmergencyState {
        isEmergencyState = true;
        RoundRules memory rules = _rules[_ruleVersion];
        _emergencyBlocks[rules.emergenciesBefore] = block.number;
        rules.emergenciesBefore += 1;
        // INVARIANT: an emergency begins a version, so rounds of the present one have met none.
        _beginRules(rules);
        emit EmergencyStateActivated();
    }

    function deactivateEmergencyState() external onlyOwner {
        if (!isEmergencyState) revert OnlyEmergencyState();
        // INVARIANT: R names a round of a sequence. A round made void in block b can't be followed by one with R = b.
        if (block.number == _emergencyBlocks[_rules[_ruleVersion].emergenciesBefore - 1]) revert EmergencyTooShort();
        isEmergencyState = false;
        emit EmergencyStateDeactivated();
    }

    /// @inheritdoc ITwoStepRollup
    function proofHashCommitEpoch() external view returns (uint8) {
        return _rules[_ruleVersion].commitBlocks;
    }

    /// @inheritdoc ITwoStepRollup
    function proofCommitEpoch() external view returns (uint8) {
        return _rules[_ruleVersion].proveBlocks;
    }

    /// @inheritdoc IZkpowRollup
    function lateProofBlocks() external view returns (uint64) {
        return _rules[_ruleVersion].lateProofBlocks;
    }

    /// @inheritdoc ITwoStepRollup
    function noProofPunishAmount() external view returns (uint256) {
        return _rules[_ruleVersion].penalty;
    }

    /// @dev Begins a version of the rules. INVARIANT: versions are never written again, so a round keeps the rules it
    /// began with.
    function _beginRules(RoundRules memory rules) private {
        _ruleVersion += 1;
        _rules[_ruleVersion] = rules;
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

    function _setProofHashCommitEpoch(RoundRules memory rules, uint8 newProofHashCommitEpoch) private {
        if (newProofHashCommitEpoch == 0) revert InvalidParameter("proofHashCommitEpoch");
        rules.commitBlocks = newProofHashCommitEpoch;
        emit SetProofHashCommitEpoch(newProofHashCommitEpoch);
    }

    function _setProofCommitEpoch(RoundRules memory rules, uint8 newProofCommitEpoch) private {
        if (newProofCommitEpoch == 0) revert InvalidParameter("proofCommitEpoch");
        rules.proveBlocks = newProofCommitEpoch;
        emit SetProofCommitEpoch(newProofCommitEpoch);
    }

    function _setLateProofBlocks(RoundRules memory rules, uint64 newLateProofBlocks) private {
        if (newLateProofBlocks > MAX_LATE_PROOF_BLOCKS) revert InvalidParameter("lateProofBlocks");
        rules.lateProofBlocks = uint32(newLateProofBlocks); // it was measured above
        emit SetLateProofBlocks(newLateProofBlocks);
    }

    function _setMinDeposit(uint256 newMinDeposit) private {
        _minDeposit = _toUint128(newMinDeposit, "minDeposit");
        emit SetMinDeposit(newMinDeposit);
    }

    function _setNoProofPunishAmount(RoundRules memory rules, uint256 newNoProofPunishAmount) private {
        rules.penalty = _toUint128(newNoProofPunishAmount, "noProofPunishAmount");
        emit SetNoProofPunishAmount(newNoProofPunishAmount);
    }
}
