import { Command, InvalidArgumentError } from 'commander'
import { parseEther } from 'viem/utils'
import { loadOperatorConfig } from '../../config/load.ts'
import type { CommonOptions } from '../options.ts'
import { whoOption } from '../options.ts'
import { bringStake } from '../requests/stake.ts'

interface StakeOptions extends CommonOptions {
  to: bigint
  who: string
  wait: number
}

/** Makes the command `zkpow stake <rollup>`. */
export const stakeCommand = (): Command =>
  new Command('stake')
    .description(
      "bring a miner's stake to an amount, by a deposit or a withdrawal of what isn't locked; again is harmless",
    )
    .argument('<rollup>', "a rollup's name")
    .requiredOption('--to <coins>', 'stake that is wanted, in coins of the chain, such as 12.5', parseCoins)
    .addOption(whoOption('who asks; kept in the history'))
    .option('--wait <seconds>', 'follow it so long; the sender goes on after that', parseSeconds, 120)
    .action(async (rollup: string, _options, command: Command) => {
      const { config, to, who, wait } = command.optsWithGlobals<StakeOptions>()
      const say = (text: string) => process.stderr.write(`${text}\n`)
      say(
        await bringStake(await loadOperatorConfig(config), { rollup, toWei: `${to}`, who, waitMs: wait * 1_000 }, say),
      )
    })

function parseCoins(text: string): bigint {
  if (!/^\d{1,12}(\.\d{1,18})?$/.test(text)) throw new InvalidArgumentError('Expected an amount such as 12.5.')
  return parseEther(text)
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (Number.isInteger(seconds) && seconds >= 0) return seconds
  throw new InvalidArgumentError('Expected a whole number of seconds.')
}
