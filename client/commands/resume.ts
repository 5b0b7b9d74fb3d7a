import type { Command } from 'commander'
import { resumeUpdate } from '../../protocol/temporal/messages.ts'
import { holdCommand } from '../requests/admin-command.ts'

/** `zkpow resume <id>` */
export const resumeCommand = (): Command => holdCommand('resume', 'take pause or cancel back', resumeUpdate)
