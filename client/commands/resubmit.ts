import type { Command } from 'commander'
import { forceResubmitUpdate } from '../../protocol/temporal/messages.ts'
import { adminCommand } from '../requests/admin-command.ts'
import { askSequenceAdmin } from '../requests/ask-workflows.ts'
import { parseSequenceId } from '../sequence-id.ts'

/** `zkpow resubmit <id>` */
export const resubmitCommand = (): Command =>
  adminCommand({
    name: 'resubmit',
    description: 'have a sequence look at the chain now and send again what is missing there',
    argument: '<rollup>/<first batch>-<last batch>, or the id of its workflow',
    parse: parseSequenceId,
    ask: (client, key, request) => askSequenceAdmin(client, forceResubmitUpdate, key, request),
  })
