import type { Command } from 'commander'
import { bumpFeesUpdate } from '../../protocol/temporal/messages.ts'
import { holdCommand } from '../requests/admin-command.ts'

/** `zkpow bump-fees <id>` */
export const bumpFeesCommand = (): Command =>
  holdCommand(
    'bump-fees',
    'raise the fees of the transactions of a sequence or a rollup that wait to be mined, up to the cap',
    bumpFeesUpdate,
  )
