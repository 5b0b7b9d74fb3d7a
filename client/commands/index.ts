import { bumpFeesCommand, cancelCommand, pauseCommand, resubmitCommand, resumeCommand } from './admin.ts'
import { aggregatorCommand } from './aggregator.ts'
import { checkCommand } from './check.ts'
import { liftCommand } from './lift.ts'
import { migrateCommand } from './migrate.ts'
import { proverCommand } from './prover.ts'
import { proverLoginCommand } from './prover-login.ts'
import { sequenceCommand } from './sequence.ts'
import { snapshotCommand } from './snapshot.ts'
import { stakeCommand } from './stake.ts'
import { statusCommand } from './status.ts'

/** All commands, in the order in which `zkpow --help` and the operator's guide list them. */
export const COMMANDS = [
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
