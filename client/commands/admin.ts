import type { Client } from '@temporalio/client'
import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import type { AdminAnswer, AdminRequest } from '../../protocol/operator/requests.ts'
import {
  bumpFeesUpdate,
  cancelUpdate,
  forceResubmitUpdate,
  pauseUpdate,
  resumeUpdate,
} from '../../protocol/temporal/messages.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import { RefusedError } from '../errors.ts'
import { type CommonOptions, whoOption } from '../options.ts'
import { type AdminUpdate, askAdmin, askSequenceAdmin } from '../requests/ask-workflows.ts'
import { parseSequenceId, parseTarget } from '../targets.ts'

interface AdminOptions extends CommonOptions {
  reason: string
  who: string
}

interface AdminCommand<T> {
  name: string
  description: string
  /** What `<id>` may be. */
  argument: string
  /** @throws UsageError */
  parse(id: string): T
  ask(client: Client, target: T, request: AdminRequest): Promise<AdminAnswer>
}

/** Makes a command that asks a workflow for something, says who asks and why, and prints the answer. */
const adminCommand = <T>({ name, description, argument, parse, ask }: AdminCommand<T>): Command =>
  new Command(name)
    .description(description)
    .argument('<id>', argument)
    .requiredOption('--reason <text>', 'why; kept in the history')
    .addOption(whoOption('who asks; kept in the history'))
    .action(async (id: string, _options, command: Command) => {
      const { config, reason, who } = command.optsWithGlobals<AdminOptions>()
      const target = parse(id)
      const { temporal } = await loadOperatorConfig(config)
      const { isDone, answer } = await withTemporal(temporal, (client) => ask(client, target, { who, reason }))
      if (!isDone) throw new RefusedError(answer)
      process.stderr.write(`${answer}\n`)
    })

/** Makes one that is about a sequence or about a whole rollup. */
const holdCommand = (name: string, description: string, update: AdminUpdate): Command =>
  adminCommand({
    ...{ name, description },
    argument: '<rollup>/<first batch>-<last batch>, or <rollup> for all of it',
    parse: parseTarget,
    ask: (client, target, request) => askAdmin(client, update, target, request),
  })

/** Makes the command `zkpow bump-fees <id>`. */
export const bumpFeesCommand = (): Command =>
  holdCommand(
    'bump-fees',
    'raise the fees of the transactions of a sequence or a rollup that wait to be mined, up to the cap',
    bumpFeesUpdate,
  )

/** Makes the command `zkpow cancel <id>`. */
export const cancelCommand = (): Command =>
  holdCommand(
    'cancel',
    'give a sequence or a rollup up: as pause, and provers stop at once; a hash that is out is still proved',
    cancelUpdate,
  )

/** Makes the command `zkpow pause <id>`. */
export const pauseCommand = (): Command =>
  holdCommand(
    'pause',
    'stop new work and new commits of a sequence or a rollup; a hash that is out is still proved',
    pauseUpdate,
  )

/** Makes the command `zkpow resume <id>`. */
export const resumeCommand = (): Command => holdCommand('resume', 'take pause or cancel back', resumeUpdate)

/** Makes the command `zkpow resubmit <id>`. */
export const resubmitCommand = (): Command =>
  adminCommand({
    name: 'resubmit',
    description: 'have a sequence look at the chain now and send again what is missing there',
    argument: '<rollup>/<first batch>-<last batch>, or the id of its workflow',
    parse: parseSequenceId,
    ask: (client, key, request) => askSequenceAdmin(client, forceResubmitUpdate, key, request),
  })
