import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { loadDatabaseConfig } from '../../config/load.ts'
import { createProverLogin } from '../../db/roles.ts'
import { withDatabase } from '../open.ts'
import type { CommonOptions } from '../options.ts'

/** `zkpow prover-login <name>` */
export const proverLoginCommand = (): Command =>
  new Command('prover-login')
    .description('create a database login for prover machines, or give it a new password; prints its address, a secret')
    .argument('<name>', 'name of the login: lower-case letters, digits, underscores')
    .action(async (name: string, _options, command: Command) => {
      const database = await loadDatabaseConfig(command.optsWithGlobals<CommonOptions>().config)
      const password = randomBytes(24).toString('base64url')
      await withDatabase(database, (db) => createProverLogin(db, { name, password }))
      const address = new URL(database.url.reveal())
      address.username = name
      address.password = password
      process.stdout.write(`${address.href}\n`)
      process.stderr.write("Put this address into the provers' environment (prover.database.urlEnv); it is not shown again.\n")
    })
