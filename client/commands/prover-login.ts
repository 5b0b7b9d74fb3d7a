import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { loadDatabaseConfig } from '../../config/load.ts'
import { createProverLogin, findSurplus } from '../../db/deployment/roles.ts'
import { withDatabase } from '../../workers/connections.ts'
import type { CommonOptions } from '../options.ts'

/** Makes the command `zkpow prover-login <name>`. */
export const proverLoginCommand = (): Command =>
  new Command('prover-login')
    .description('create a database login for prover machines, or give it a new password; prints its address, a secret')
    .argument('<name>', 'name of the login: lower-case letters, digits, underscores')
    .action(async (name: string, _options, command: Command) => {
      const database = await loadDatabaseConfig(command.optsWithGlobals<CommonOptions>().config)
      const password = randomBytes(24).toString('base64url')
      const surplus = await withDatabase(database, async (db) => {
        await createProverLogin(db, { name, password })
        return findSurplus(db, name)
      })
      const address = new URL(database.url.reveal())
      address.username = name
      address.password = password
      process.stdout.write(`${address.href}\n`)
      process.stderr.write(
        "Put this address into the provers' environment (prover.database.urlEnv); it is not shown again.\n",
      )
      for (const line of describeSurplus(name, surplus)) process.stderr.write(`${line}\n`)
    })

const NO_LARGE_OBJECTS =
  'revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public;'

/** Says what a superuser can do about a login that may more than it needs. */
function describeSurplus(name: string, surplus: Awaited<ReturnType<typeof findSurplus>>): string[] {
  const { databases, mayMakeLargeObjects, hasUnlimitedTempFiles } = surplus
  return [
    databases.map(
      (one) =>
        `It may connect to database "${one}", too; as a superuser: revoke connect, temporary on database "${one}" from public;`,
    ),
    mayMakeLargeObjects
      ? [`It may fill the disk with large objects; as a superuser, in this database: ${NO_LARGE_OBJECTS}`]
      : [],
    hasUnlimitedTempFiles
      ? [
          `Its queries may fill the disk with temporary files; as a superuser: alter role ${name} set temp_file_limit = '64MB';`,
        ]
      : [],
  ].flat()
}
