import { findStakeOrder } from '../../db/attempts/stake-orders.ts'
import { answerStake } from '../../protocol/operator/stake.ts'
import { stakeMove } from '../../protocol/sender/fates.ts'
import { stakeId } from '../../protocol/sender/intent.ts'
import type { SenderActivities } from '../../protocol/temporal/activities.ts'
import { type SenderDeps, senderOf, servedRollup } from '../sender/sender-account.ts'
import { readLiabilities } from '../sequence/read-liabilities.ts'

/** Says what a stake takes. The sender looks again before it signs, and until it is final. */
export const createOpenStake =
  (deps: SenderDeps): SenderActivities['openStake'] =>
  async ({ chainId, account, rollup: name, toWei }) => {
    const sender = senderOf(deps, chainId, account)
    const { chain } = sender
    const { head } = await chain.agreedBlocks()
    const rollup = servedRollup(deps, sender, name)
    if (rollup === undefined) return refuse(`Rollup "${name}" isn't one that this account serves on chain ${chainId}.`)
    // Else whoever may ask a workflow could move the stake; the command writes down what an operator orders.
    if ((await findStakeOrder(deps.db, name))?.toWei !== toWei)
      return refuse('No such order is stored: ask by `zkpow stake`.')
    const { contract, miner } = rollup
    const stake = await chain.readStake({ contract, miner, at: head })
    if (stake === undefined) {
      return refuse(
        'Its contract is one of 2023, which keeps stake by other rules: stop the aggregator and stake from the account itself.',
      )
    }
    const liabilities = await readLiabilities(deps, rollup, { at: head, except: stakeId(name) })
    const answer = answerStake(toWei, { ...stake, liabilities })
    if (!answer.isDone || stakeMove(toWei, stake) === null) return { answer, intent: null }
    return {
      answer,
      intent: {
        step: 'stake',
        rollup: name,
        contract: stake.deposit,
        toWei,
        firstBlock: head.number + 1,
        lastBlock: null,
      },
    }
  }

const refuse = (answer: string) => ({ answer: { isDone: false, answer }, intent: null })
