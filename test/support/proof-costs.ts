/**
 * Activities of the server that proving takes, at most: of each proof the prover's own, and a turn at the stores, which
 * it mostly shares with others; of each sequence its preparation, two looks, and turns in which its first tasks are
 * opened. Who makes it less lowers this.
 */
export const REMOTE_ACTIVITIES = { ofProof: 2, ofSequence: 6 }
