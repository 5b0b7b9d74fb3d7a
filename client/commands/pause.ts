import type { Command } from 'commander'
import { pauseUpdate } from '../../protocol/temporal/messages.ts'
import { holdCommand } from '../requests/admin-command.ts'

/** `zkpow pause <id>` */
export const pauseCommand = (): Command =>
  holdCommand('pause', 'stop new work and new commits of a sequence or a rollup; a hash that is out is still proved', pauseUpdate)
