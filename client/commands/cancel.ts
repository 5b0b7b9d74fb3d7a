import type { Command } from 'commander'
import { cancelUpdate } from '../../protocol/temporal/messages.ts'
import { holdCommand } from '../requests/admin-command.ts'

/** `zkpow cancel <id>` */
export const cancelCommand = (): Command =>
  holdCommand(
    'cancel',
    'give a sequence or a rollup up: as pause, and provers stop at once; a hash that is out is still proved',
    cancelUpdate,
  )
