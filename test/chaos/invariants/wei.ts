import { type Invariant, isSame } from './judge.ts'

/** 5: every wei of the contracts and of our accounts is accounted for. */
export const everyWeiAccounted: Invariant = (facts) => [...buckets(facts), ...accounts(facts), ...receipts(facts)]

const sum = (all: readonly bigint[]): bigint => all.reduce((a, b) => a + b, 0n)

const buckets: Invariant = ({ rollups }) =>
  rollups.flatMap(({ name, balanceWei, buckets: held, stakes }) => {
    const total = sum(Object.values(held))
    const locked = sum(stakes.map((one) => one.lockedWei))
    const unlocked = sum(stakes.map((one) => one.totalWei)) - locked
    const claimable = sum(stakes.map((one) => one.claimableWei))
    return [
      ...(total === balanceWei ? [] : [`${name}: the buckets hold ${total} wei, the balance is ${balanceWei}`]),
      ...(unlocked === held.stake
        ? []
        : [`${name}: miners have ${unlocked} wei unlocked, the bucket says ${held.stake}`]),
      ...(locked === held.locked ? [] : [`${name}: miners have ${locked} wei locked, the bucket says ${held.locked}`]),
      ...(claimable === held.claimable
        ? []
        : [`${name}: miners may claim ${claimable} wei, the bucket says ${held.claimable}`]),
    ]
  })

/** Finds accounts that don't have what they had, less gas and what they sent, more what the contracts paid them. */
const accounts: Invariant = ({ accounts: all, rollups }) =>
  all.flatMap(({ address, startWei, balanceWei, transactions }) => {
    const gas = sum(transactions.map(({ gasUsed, gasPriceWei }) => gasUsed * gasPriceWei))
    const value = sum(transactions.filter(({ status }) => status === 'success').map(({ valueWei }) => valueWei))
    const paid = sum(
      rollups.flatMap((one) => one.paid.filter(({ miner }) => isSame(miner, address)).map(({ wei }) => wei)),
    )
    const expected = startWei - gas - value + paid
    return expected === balanceWei ? [] : [`account ${address} ought to have ${expected} wei and has ${balanceWei}`]
  })

/** Finds what is written down as final and isn't what the chain says. */
const receipts: Invariant = ({ accounts: all, databases, arePricesTold }) =>
  (databases.at(-1)?.attempts ?? []).flatMap(({ txHash, final }) => {
    if (final === null) return []
    const mined = all.flatMap(({ transactions }) => transactions).find(({ hash }) => hash === txHash)
    if (mined === undefined) return [`attempt ${txHash} is noted as mined and final, and isn't on chain`]
    const isTrue =
      mined.block === final.block &&
      mined.blockHash === final.blockHash &&
      mined.gasUsed === final.gasUsed &&
      (arePricesTold ? mined.gasPriceWei : null) === final.gasPriceWei &&
      mined.status === final.status
    return isTrue ? [] : [`attempt ${txHash} is noted otherwise than its receipt is on chain`]
  })
