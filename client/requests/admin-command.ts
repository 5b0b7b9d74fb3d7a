import type { Client } from '@temporalio/client'
import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import type { AdminAnswer, AdminRequest } from '../../protocol/temporal/messages.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import { RefusedError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { parseTarget } from '../sequence-id.ts'
import { type AdminUpdate, askAdmin } from './ask-workflows.ts'
import { whoOption } from './who.ts'

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

/** A command that asks a workflow for something, says who asks and why, and prints the answer. */
export const adminCommand = <T>({ name, description, argument, parse, ask }: AdminCommand<T>): Command =>
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

/** One that is about a sequence or about a whole rollup. */
export const holdCommand = (name: string, description: string, update: AdminUpdate): Command =>
  adminCommand({
    ...{ name, description },
    argument: '<rollup>/<first batch>-<last batch>, or <rollup> for all of it',
    parse: parseTarget,
    ask: (client, target, request) => askAdmin(client, update, target, request),
  })
