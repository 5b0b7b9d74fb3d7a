import { MINER, word } from './healthy-facts.ts'
import { checkInvariant, first } from './spoilt-facts.ts'
import { transactionsKnown } from './transactions.ts'

checkInvariant('transactionsKnown', transactionsKnown, [
  {
    why: 'a second proof was accepted',
    spoil: ({ rollup }) => rollup.accepted.push({ to: 2, miner: MINER, roundStartBlock: 10 }),
    says: /two proofs of batch 2/,
  },
  {
    why: 'a transaction on chain was never stored',
    spoil: ({ facts, database }) => {
      database.attempts = database.attempts.slice(1)
      facts.sent = facts.sent.slice(1)
    },
    says: /nonce 1\) has no stored attempt/,
  },
  {
    why: 'the stored bytes are others',
    spoil: ({ database }) => Object.assign(first(database.attempts), { raw: word(77) }),
    says: /other bytes than its stored attempt/,
  },
  {
    why: 'a transaction was sent before it was stored',
    spoil: ({ facts }) => Object.assign(first(facts.sent), { atMs: 990 }),
    says: /sent 10 ms before/,
  },
  {
    why: 'a transaction was sent and never stored',
    spoil: ({ facts }) => Object.assign(first(facts.sent), { hash: word(78) }),
    says: /is stored nowhere/,
  },
  {
    why: 'a nonce was skipped',
    spoil: ({ database }) =>
      database.attempts.push({
        ...first(database.attempts),
        txHash: word(60),
        nonce: 5,
        intent: null,
        final: null,
      }),
    says: /nonce 5 of .* was sent, the chain is at 4: a gap/,
  },
  {
    why: 'a second transaction was signed while the first was on its way',
    spoil: ({ database }) => Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 }),
    says: /"commit r 2" was signed again as nonce 2/,
  },
  {
    why: 'a second transaction was signed while the first stood in a block that a reorg replaced later',
    spoil: ({ facts, database }) => {
      Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
      facts.replaced = [{ hash: word(10), block: 8, head: 9 }]
    },
    says: null,
  },
  {
    why: 'a second transaction was signed after a reorg had returned the first to the pool',
    spoil: ({ facts, database }) => {
      Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
      facts.replaced = [{ hash: word(10), block: 7, head: 8 }]
    },
    says: /"commit r 2" was signed again as nonce 2/,
  },
  {
    why: 'a second transaction was signed after the first had reverted',
    spoil: ({ database, account }) => {
      Object.assign(account.transactions[1] ?? {}, { status: 'reverted' })
      Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
    },
    says: null,
  },
])
