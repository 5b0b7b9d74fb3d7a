/**
 * What the model of the contract knows, and what can be asked of it. Amounts are wei; miners have names, sequences are
 * numbered from 0.
 */

/** A proof by what it is: good for its miner, forged, or a rival's good one. Different salts are different bytes. */
export type ProofBytes = { kind: 'good' | 'forged' | 'stolen'; salt: number }

/** What can be done to the contract. `by` defaults to whoever may. */
export type Step =
  | { do: 'deposit' | 'withdraw'; miner: string; amount: bigint }
  | { do: 'fund'; amount: bigint }
  | { do: 'sequence'; batches: number; by?: 'stranger' }
  | { do: 'commit'; miner: string; sequence: number; proof: ProofBytes }
  | { do: 'prove'; miner: string; sequence: number; other?: ProofBytes }
  | { do: 'settle'; miner: string; sequence: number }
  | { do: 'claim'; miner: string; sequences: number[] }
  | { do: 'withdrawTreasury' | 'pause' | 'unpause' }
  | { do: 'set'; rule: keyof Rules; value: number; by?: 'stranger' }

/** What the owner can change. */
export type Rules = {
  commitBlocks: number
  proveBlocks: number
  lateProofBlocks: number
  minDeposit: bigint
  penalty: bigint
  reward: bigint
}

export type ModelRound = Rules & { start: number; isVoid: boolean; verifiedAt: number }

export type ModelCommit = {
  round: ModelRound
  proof: ProofBytes
  stakeThen: bigint
  leftSince: bigint
  counted: bigint
  isProved: boolean
  isSettled: boolean
}

export type ModelSequence = {
  init: number
  final: number
  reward: bigint
  credited: bigint
  /** Last round opened. */
  round?: ModelRound
  /** Last commitment of each miner. */
  commits: Record<string, ModelCommit>
}

export type ModelMiner = { stake: bigint; claimable: bigint; wallet: bigint }

export type Model = {
  /** Head block: the next step is in the one after it. */
  head: number
  rules: Rules
  isPaused: boolean
  miners: Record<string, ModelMiner>
  sequences: ModelSequence[]
  pool: bigint
  treasury: bigint
  treasuryWallet: bigint
}

/** Makes a rollup that nobody has used. */
export const newModel = (head: number, rules: Rules, miners: readonly string[]): Model => ({
  head,
  rules: { ...rules },
  isPaused: false,
  miners: Object.fromEntries(miners.map((name) => [name, { stake: 0n, claimable: 0n, wallet: 0n }])),
  sequences: [],
  pool: 0n,
  treasury: 0n,
  treasuryWallet: 0n,
})

/** Sums up the wei that undecided commitments of the miner hold. */
export const lockedOf = (model: Model, miner: string): bigint =>
  sum(openCommits(model, miner).map((commit) => commit.round.penalty))

/** Tells the wei that is set aside for a sequence and not yet divided. */
export function setAside(sequence: ModelSequence): bigint {
  const proved = provedCommits(sequence)
  const isDivided = proved.length > 0 && proved.every((commit) => commit.isSettled)
  return isDivided ? 0n : sequence.reward - sequence.credited
}

/** Lists the commitments of a sequence whose proofs were accepted. */
export const provedCommits = (sequence: ModelSequence): ModelCommit[] =>
  Object.values(sequence.commits).filter((commit) => commit.isProved)

/** Gives the round that counts: not a void one. */
export const liveRound = (sequence: ModelSequence | undefined): ModelRound | undefined =>
  sequence?.round === undefined || sequence.round.isVoid ? undefined : sequence.round

/** Tells the last block that takes a proof of this round. */
export function lastBlock(round: ModelRound): number {
  const end = round.start + round.commitBlocks + round.proveBlocks
  return round.verifiedAt === 0 ? end : Math.max(end, round.verifiedAt + round.lateProofBlocks)
}

/** Tells the final batch of the last verified sequence. */
export const lastVerified = (model: Model): number =>
  model.sequences.reduce((last, { final, round }) => (round !== undefined && round.verifiedAt > 0 ? final : last), 0)

/** Tells the final batch of the last sequence. */
export const lastSequenced = (model: Model): number => model.sequences.at(-1)?.final ?? 0

/** Lists the miner's commitments that are neither proved nor settled. */
export const openCommits = (model: Model, miner: string): ModelCommit[] =>
  model.sequences.flatMap(({ commits: { [miner]: own } }) =>
    own === undefined || own.isProved || own.isSettled ? [] : [own],
  )

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
