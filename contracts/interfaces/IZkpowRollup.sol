// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerDeposit} from "./IMinerDeposit.sol";
import {ISlotAdapter} from "./ISlotAdapter.sol";
import {ITwoStepRollup} from "./ITwoStepRollup.sol";

/// @title A ZK rollup whose final proofs are submitted by the two-step rule
/// @notice R is the block of a round's first hash, T1 and T2 its window lengths in blocks. With b the current block:
///
///  | b                     | hash                                   | proof of a committer of the round            |
///  | R .. R+T1             | accepted, one per miner                | SubmitProofEarly                             |
///  | R+T1+1 .. R+T1+T2     | CommittedTimeout                       | accepted                                     |
///  | later, unverified     | opens a new round with R = b           | SubmitProofTooLate, then ErrCommitProof      |
///  | verified              | CommittedProof                         | accepted up to the late-proof deadline       |
///
///  * **A round keeps the rules it began with**: T1, T2, the penalty and the late-proof blocks of the version of rules
///    that it opened with.
///  * **Sequences verify in order.** A refused hash or proof reverts and changes nothing.
///  * **Expired** (nobody proved by R+T1+T2): each committer loses the penalty when anybody settles it, to the
///    treasury.
///  * **Verified**: the other committers may prove until `lateProofDeadlineBlock`, the later of R+T1+T2 and the block
///    of verification + late-proof blocks. They are paid alike and lose nothing by being late or by never proving.
///  * **Void**: an emergency that begins in R .. R+T1+T2 of an unverified round ends it without penalty. An emergency
///    doesn't stop the late-proof deadline of a verified one.
///  * **Locks**: a commitment locks the round's penalty until the miner's proof is accepted or the commitment is
///    settled.
///  * **Committed stake**, the weight in the division of a reward: stake when committing, less all stake that left
///    until
///    the proof was accepted (deposits made since don't replace it), at least what the commitment locked. Commits and
///    proofs happen in different blocks, so the same wei counts for one address per round.
///  * **Whatever is posted can be read and proved**: a sequence is the calldata of a transaction of its own, in
///    standard
///    encoding, with batches of one fixed length.
///  * **No rule needs trust in whoever calls**: settling is open to all and pays nobody but the miner or the treasury.
interface IZkpowRollup is ITwoStepRollup, IMinerDeposit, ISlotAdapter {
    /// @notice The round of a sequence. It is all zero if none was opened or the last one is void. With b the current
    /// block it is *verified* if `isVerified`; else *expired* if b > startBlock + commitBlocks + proveBlocks (the next
    /// hash opens a new round; these values stay until then, as in 2023); else *live*.
    /// @param startBlock R.
    /// @param commitBlocks T1: hashes are accepted in [R, R+T1].
    /// @param proveBlocks T2: proofs are accepted in (R+T1, R+T1+T2].
    /// @param penalty Wei that each commitment locks.
    /// @param isVerified Whether a proof was accepted in this round.
    /// @param verifiedAtBlock Block of the first accepted proof, else 0.
    /// @param lateProofDeadlineBlock Last block for late proofs once verified, else 0.
    struct Round {
        uint64 startBlock;
        uint64 commitBlocks;
        uint64 proveBlocks;
        uint256 penalty;
        bool isVerified;
        uint64 verifiedAtBlock;
        uint64 lateProofDeadlineBlock;
    }

    /// @notice A miner's last commitment on a sequence.
    /// @param proofHash 0 if there is none.
    /// @param roundStartBlock R of its round. It counts only while this equals the sequence's `getRound().startBlock`.
    /// @param lockedStake Wei it locks now: 0 once proved or settled.
    /// @param isProved Whether this miner's proof was accepted.
    /// @param isSettled Whether nothing is left to decide: penalised, released, or share credited.
    struct Commitment {
        bytes32 proofHash;
        uint64 roundStartBlock;
        uint256 lockedStake;
        bool isProved;
        bool isSettled;
    }

    /// @notice Every wei the rollup holds, by what it is. The sum is its balance (more only if coins were forced on
    /// it).
    /// @param stake Unlocked stake of all miners.
    /// @param locked Stake that undecided commitments hold.
    /// @param pool Rewards not set aside yet.
    /// @param setAside Rewards of sequences that are not yet divided.
    /// @param claimable Credited and not yet claimed.
    /// @param treasury Penalties not yet paid out.
    struct Accounting {
        uint256 stake;
        uint256 locked;
        uint256 pool;
        uint256 setAside;
        uint256 claimable;
        uint256 treasury;
    }

    /// @notice What a rollup is built from; blocks, wei and bytes.
    struct RollupParams {
        address owner;
        address trustedSequencer;
        address treasury;
        address verifier;
        uint64 chainID;
        uint64 forkID;
        uint64 batchBytes;
        uint8 proofHashCommitEpoch;
        uint8 proofCommitEpoch;
        uint64 lateProofBlocks;
        uint256 minDeposit;
        uint256 noProofPunishAmount;
        uint256 rewardPerSequence;
    }

    /// @notice The first state. Anybody can rebuild it from this event and check it against `batchNumToStateRoot(0)`.
    /// @param state In the encoding of the rollup's kind, which the contract doesn't look into: whoever executes
    /// batches checks it against the root.
    event GenesisState(bytes32 stateRoot, bytes state);
    /// @notice A round opened with these rules. R is the event's block.
    event RoundOpened(uint64 indexed finalNewBatch, uint64 startBlock, uint64 commitBlocks, uint64 proveBlocks, uint256 penalty);
    /// @notice A miner's proof was accepted, first or late.
    event ProofAccepted(uint64 indexed finalNewBatch, address indexed miner, uint64 roundStartBlock, uint256 committedStake, bool isFirst);
    /// @notice A commitment is decided: `penalty` wei lost (0 if none), `reward` wei credited (0 if none).
    event CommitmentSettled(uint64 indexed finalNewBatch, address indexed miner, uint64 roundStartBlock, uint256 penalty, uint256 reward);
    event SetLateProofBlocks(uint64 lateProofBlocks);
    event SetTreasury(address treasury);

    /// @notice A constructor argument, a new setting or a paid amount is out of range: amounts are below 2^128 wei.
    error InvalidParameter(string name);
    error AlreadyInitialized();
    error NotInitialized();
    /// @notice Batch data must have exactly `expected` bytes.
    error BatchLengthInvalid(uint256 expected, uint256 actual);
    /// @notice Sequences are posted by a plain account that calls this contract itself, so that the transaction's
    /// calldata is the data.
    error DataNotInTransaction();
    /// @notice The calldata decodes to this sequence, but isn't its standard ABI encoding, byte for byte.
    error EncodingNotCanonical();
    /// @notice A late proof must speak of the verified state.
    error StateRootMismatch(bytes32 expected, bytes32 actual);
    /// @notice The miner has no commitment on this sequence.
    error NothingCommitted(uint64 finalNewBatch, address miner);
    error AlreadySettled(uint64 finalNewBatch, address miner);
    /// @notice The commitment can be settled after block `afterBlock`, as things stand.
    error RoundUndecided(uint64 afterBlock);
    /// @notice An emergency lasts at least until the next block, so that R names a round.
    error EmergencyTooShort();

    /// @notice Sets the first state. The owner does it, once, and nothing can be sequenced before.
    /// @param state As in GenesisState.
    function initialize(bytes32 genesisStateRoot, bytes calldata state) external;

    /// @notice Decides a commitment whose outcome stands; anybody may call. An expired one is penalised, a void one
    /// released. When it is verified and the late-proof deadline is over, the share of a proof is credited, or the lock
    /// of a miner that never proved is released. A miner's new commitment on the same sequence settles its old one
    /// first.
    function settle(uint64 finalNewBatch, address miner) external;

    /// @notice Gives the round of the sequence that ends with `finalNewBatch`.
    function getRound(uint64 finalNewBatch) external view returns (Round memory);

    /// @notice Gives the last commitment of `miner` on the sequence that ends with `finalNewBatch`.
    function getCommitment(uint64 finalNewBatch, address miner) external view returns (Commitment memory);

    /// @notice Gives all that the contract holds, by bucket, in wei.
    function accounting() external view returns (Accounting memory);

    /// @notice Gives the number of blocks after verification in which late proofs are paid, for rounds that open from
    /// now on.
    function lateProofBlocks() external view returns (uint64);
    /// @notice Says where penalties go.
    function treasury() external view returns (address);
    /// @notice Gives the length of one batch's data in bytes.
    function batchBytes() external view returns (uint64);

    function setLateProofBlocks(uint64 newLateProofBlocks) external;
    function setTreasury(address newTreasury) external;
}
