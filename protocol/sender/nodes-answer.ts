/**
 * Why nodes refuse a transaction, the most telling first.
 * - `nonce-used`: a transaction with this nonce is mined where the node stands.
 * - `insufficient-funds`: balance below gas limit × fee cap.
 * - `fee-cap`: gas limit × fee cap is above what the endpoint takes, whatever the balance is.
 * - `type-unsupported`: it takes no EIP-1559 transactions.
 * - `gas-limit`: above what a block, or a transaction, may have, or below what the calldata alone takes.
 * - `too-large`: more bytes than a pool takes.
 * - `underpriced`: below the pool's floor, the base fee, or too little above the one it would replace.
 * - `refused`: for another reason, or one that this code doesn't know.
 */
export const REFUSALS = [
  'nonce-used',
  'insufficient-funds',
  'fee-cap',
  'type-unsupported',
  'gas-limit',
  'too-large',
  'underpriced',
  'refused',
] as const
export type Refusal = (typeof REFUSALS)[number]

/**
 * What nodes said to a broadcast. `unanswered` is what says nothing about it: only the chain tells whether it was
 * mined.
 */
export type NodesAnswer = 'accepted' | Refusal | 'unanswered'

const WORDS: Record<Refusal, string> = {
  'nonce-used': 'its nonce is mined where they stand',
  'insufficient-funds': 'the balance is below gas limit × fee cap',
  'fee-cap': "gas limit × fee cap is above the endpoints' cap",
  'type-unsupported': 'they take no EIP-1559 transactions',
  'gas-limit': 'they take no transaction with such a gas limit',
  'too-large': 'it has more bytes than they take',
  underpriced: 'it offers too little for their pool',
  refused: 'for a reason that they alone know',
}

/** Says it for people. It is null for what is no refusal. */
export const nodesRefusalText = (answer: NodesAnswer | null | undefined): string | null =>
  isRefusal(answer) ? `refused by the endpoints: ${WORDS[answer]}` : null

/** Tells whether no node has it, for all they said. */
const isRefusal = (answer: NodesAnswer | null | undefined): answer is Refusal =>
  REFUSALS.some((refusal) => refusal === answer)

/**
 * Tells whether the same nonce and call are worth signing anew at once, in another form. No pool has what was refused
 * so.
 */
export const isCuredAnew = (answer: NodesAnswer | null | undefined): boolean =>
  answer === 'fee-cap' || answer === 'type-unsupported' || answer === 'gas-limit'

/** Tells whether more might be taken. Some nodes ask for more in words that this code doesn't know. */
export const mayBeTooLow = (answer: NodesAnswer | null | undefined): boolean =>
  answer === 'underpriced' || answer === 'refused'
