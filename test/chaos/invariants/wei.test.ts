import { MINER, word } from './healthy-facts.ts'
import { checkInvariant, first, type Spoilt } from './spoilt-facts.ts'
import { everyWeiAccounted } from './wei.ts'

checkInvariant('everyWeiAccounted', everyWeiAccounted, [
  {
    why: 'the contract has more than its buckets',
    spoil: ({ rollup }) => Object.assign(rollup, { balanceWei: 1_101n }),
    says: /buckets hold 1100 wei/,
  },
  {
    why: "a miner's lock is in no bucket",
    spoil: ({ rollup }) => Object.assign(first(rollup.stakes), { totalWei: 101n }),
    says: /201 wei unlocked/,
  },
  {
    why: 'an account has lost a wei',
    spoil: ({ account }) => Object.assign(account, { balanceWei: 945n }),
    says: /ought to have 946 wei and has 945/,
  },
  {
    why: 'an account serves two rollups: both have paid it',
    spoil: (spoilt) => share(spoilt, { arrivedWei: 7n }),
    says: null,
  },
  {
    why: 'an account serves two rollups, and what one of them paid is gone',
    spoil: (spoilt) => share(spoilt, { arrivedWei: 0n }),
    says: /ought to have 953 wei and has 946/,
  },
  {
    why: 'a receipt is noted otherwise than it is',
    spoil: ({ database }) => Object.assign(first(database.attempts).final ?? {}, { status: 'reverted' }),
    says: /noted otherwise than its receipt/,
  },
  {
    why: 'a price is noted that no endpoint told',
    spoil: ({ facts, database }) => {
      facts.arePricesTold = false
      for (const { final } of database.attempts.slice(1)) Object.assign(final ?? {}, { gasPriceWei: null })
    },
    says: /noted otherwise than its receipt/,
  },
  {
    why: 'no price is noted where no endpoint told one',
    spoil: ({ facts, database }) => {
      facts.arePricesTold = false
      for (const { final } of database.attempts) Object.assign(final ?? {}, { gasPriceWei: null })
    },
    says: null,
  },
  {
    why: 'an attempt is noted as mined and is not on chain',
    spoil: ({ database }) => Object.assign(first(database.attempts), { txHash: word(61) }),
    says: /noted as mined and final, and isn't on chain/,
  },
])

/** Adds another rollup of the same account, which has paid it 7 wei. */
function share({ facts, rollup, account }: Spoilt, { arrivedWei }: { arrivedWei: bigint }): void {
  const none = { sequences: [], rounds: [], commits: [], accepted: [], settled: [] }
  facts.rollups.push({ ...rollup, ...none, name: 's', paid: [{ miner: MINER, wei: 7n }] })
  account.balanceWei += arrivedWei
}
