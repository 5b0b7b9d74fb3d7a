import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { OperatorConfig, RollupConfig, WatchedAccount } from '../../config/types.ts'
import { findStakeOrder, forgetStakeOrder, orderStake } from '../../db/attempts/stake-orders.ts'
import type { Db } from '../../db/connection/connect.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import { coins } from '../../protocol/base/units.ts'
import type { WorkflowMemo } from '../../protocol/temporal/attributes.ts'
import { senderWorkflowId } from '../../protocol/temporal/ids.ts'
import { stakeUpdate } from '../../protocol/temporal/messages.ts'
import { openChain, withDatabase } from '../../workers/connections.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import { RefusedError, StakeWaitsError, UsageError } from '../errors.ts'
import { rollupNamed } from '../targets.ts'
import { askSender } from './ask-workflows.ts'

/** Between two looks, ms: no chain that is worth following is faster. */
const LOOK_EVERY_MS = 1_000

/** How much stake an account is to have in a rollup's contract. */
export interface StakeOrder {
  rollup: string
  /** Wei as a decimal string. */
  toWei: string
  who: string
  /** How long it is followed, ms. */
  waitMs: number
}

/**
 * Asks the account's sender for a stake and follows it until the contract has it.
 * @param say gets what is done and what it waits for, a sentence each.
 * @returns what the contract has now.
 * @throws RefusedError when nothing is sent; StakeWaitsError when it isn't there in time, which takes nothing back.
 */
export async function bringStake(
  config: OperatorConfig,
  order: StakeOrder,
  say: (text: string) => void,
): Promise<string> {
  const rollup = rollupNamed(config, order.rollup)
  const miner = addressOf(rollup)
  return withTemporal(config.temporal, async (client) => {
    const sender = senderWorkflowId(rollup.chain.chainId, miner)
    const answer = await withDatabase(config.database, (db) => askFor(db, client, sender, order))
    say(answer)
    return follow(client, { sender, miner, rollup, order, say })
  })
}

/**
 * Orders the stake by a row, because a sender believes no message. What is refused, or reaches no sender, leaves the
 * order before it standing.
 */
async function askFor(db: Db, client: Client, sender: string, { rollup, toWei, who }: StakeOrder): Promise<string> {
  const before = await findStakeOrder(db, rollup)
  await orderStake(db, { rollup, toWei, who })
  try {
    const { isDone, answer } = await askSender(client, stakeUpdate, sender, { rollup, toWei, who })
    if (!isDone) throw new RefusedError(answer)
    return answer
  } catch (error) {
    await (before === null ? forgetStakeOrder(db, rollup) : orderStake(db, { rollup, ...before }))
    throw error
  }
}

interface Followed {
  sender: string
  miner: Address
  rollup: RollupConfig<WatchedAccount>
  order: StakeOrder
  say(text: string): void
}

async function follow(client: Client, { sender, miner, rollup, order, say }: Followed): Promise<string> {
  const chain = openChain(rollup.chain)
  const endsAt = Date.now() + order.waitMs
  for (let said = ''; ; await sleep(LOOK_EVERY_MS)) {
    // The order matters: a sender that is through with it when it is asked had done it before the look.
    const standing = await readStanding(client, sender, order.rollup)
    const { head } = await chain.agreedBlocks()
    const stake = await chain.readStake({ contract: rollup.contract, miner, at: head })
    if (stake?.stakeWei === order.toWei) {
      const locked = stake.lockedWei === '0' ? '' : `, ${coins(stake.lockedWei)} of it locked`
      return `The stake of ${miner} in ${order.rollup} is ${coins(stake.stakeWei)}${locked}, in block ${head.number}.`
    }
    if (standing === null)
      throw new RefusedError('The sender gave it up: its transaction ran, and the stake is another one.')
    if (standing !== said) say(standing)
    said = standing
    if (Date.now() >= endsAt) throw new StakeWaitsError(standing)
  }
}

/** Reads what the sender has written down about the stake; null when it has nothing (more) to do about it. */
async function readStanding(client: Client, sender: string, rollup: string): Promise<string | null> {
  const { memo } = await client.workflow.getHandle(sender).describe()
  const { stakes } = (memo ?? {}) as WorkflowMemo
  return stakes?.find(({ intent }) => intent.rollup === rollup)?.standing ?? null
}

function addressOf({ account: { name, address } }: RollupConfig<WatchedAccount>): Address {
  if (address !== null) return address
  throw new UsageError(`The address of account "${name}" isn't known.`, {
    remedy: `set accounts.${name}.address in the configuration.`,
  })
}
