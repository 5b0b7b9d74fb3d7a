/**
 * Activities of the server that proving takes, at most: of each proof a look in the store, the prover's own, and a
 * verification; of each sequence its preparation and two looks. Who makes it less lowers this.
 */
export const REMOTE_ACTIVITIES = { ofProof: 3, ofSequence: 3 }
