#!/usr/bin/env node
import { Command } from 'commander'
import { aggregatorCommand } from './commands/aggregator.ts'
import { bumpFeesCommand } from './commands/bump-fees.ts'
import { cancelCommand } from './commands/cancel.ts'
import { checkCommand } from './commands/check.ts'
import { liftCommand } from './commands/lift.ts'
import { migrateCommand } from './commands/migrate.ts'
import { pauseCommand } from './commands/pause.ts'
import { proverCommand } from './commands/prover.ts'
import { proverLoginCommand } from './commands/prover-login.ts'
import { resubmitCommand } from './commands/resubmit.ts'
import { resumeCommand } from './commands/resume.ts'
import { sequenceCommand } from './commands/sequence.ts'
import { snapshotCommand } from './commands/snapshot.ts'
import { stakeCommand } from './commands/stake.ts'
import { statusCommand } from './commands/status.ts'
import { addCommonOptions, type CommonOptions } from './options.ts'
import { reportFailure } from './report-failure.ts'

const COMMANDS = [
  aggregatorCommand,
  proverCommand,
  migrateCommand,
  proverLoginCommand,
  checkCommand,
  statusCommand,
  sequenceCommand,
  resubmitCommand,
  bumpFeesCommand,
  pauseCommand,
  resumeCommand,
  cancelCommand,
  liftCommand,
  stakeCommand,
  snapshotCommand,
]

const program = addCommonOptions(new Command('zkpow'))
  .description("A miner's aggregator for ZK rollups.")
  .addHelpText('after', '\nExit codes: 0 done, 1 change something, 75 try again.')
for (const command of COMMANDS) program.addCommand(command())

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportFailure(error, program.opts<CommonOptions>().verbose)
}
