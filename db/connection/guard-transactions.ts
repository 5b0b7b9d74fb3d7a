import { setImmediate as nextTurn } from 'node:timers/promises'
import type postgres from 'postgres'

/**
 * Makes a client whose transactions outlive the loss of their connection. postgres.js 3.4.9 goes on writing to a socket
 * that it no longer has, at the latest to roll back, and that ends the process (its issue 1208): a restart of Postgres
 * must not cost a prover its finished proof.
 */
export const guardTransactions = (client: postgres.Sql): postgres.Sql =>
  new Proxy(client, {
    get: (target, name) => (name === 'begin' ? (use: Use) => begin(target, use) : Reflect.get(target, name)),
  })

type Use = (tx: postgres.TransactionSql) => unknown

/** What is known of a transaction's connection. */
interface Connection {
  isLost: boolean
}

/**
 * Rejects as the driver does: with `CONNECTION_CLOSED` as soon as the connection is lost, whatever `use` still does.
 */
async function begin(client: postgres.Sql, use: Use): Promise<unknown> {
  const connection = { isLost: false }
  try {
    return await client.begin((tx) => surviving(connection, tx, use))
  } finally {
    connection.isLost = true // it may be given back, too: nothing of this transaction may be written to it any more
  }
}

/**
 * Never settles on a lost connection, because the driver would then commit or roll back. Its own rejection comes
 * without that.
 */
async function surviving(connection: Connection, tx: postgres.TransactionSql, use: Use): Promise<unknown> {
  try {
    const made = await use(guarded(connection, tx))
    return connection.isLost ? NEVER : made
  } catch (error) {
    await nextTurn() // a socket that was closed is known to be by then
    return connection.isLost ? NEVER : Promise.reject(error)
  }
}

const NEVER = new Promise<never>(() => {})

/** Guards the two methods by which alone Drizzle asks. */
const guarded = (connection: Connection, tx: postgres.TransactionSql): postgres.TransactionSql =>
  new Proxy(tx, {
    get: (target, name) => {
      if (name === 'unsafe') return (...args: Parameters<typeof tx.unsafe>) => ask(connection, target, args)
      if (name === 'savepoint') return (use: Use) => nest(connection, target, use)
      return Reflect.get(target, name)
    },
  })

function nest(connection: Connection, tx: postgres.TransactionSql, use: Use) {
  assertNotLost(connection)
  return tx.savepoint((inner) => surviving(connection, inner, use))
}

/** Throws with the driver's code for a lost connection. */
function assertNotLost({ isLost }: Connection): void {
  if (isLost) throw Object.assign(new Error('the connection of the transaction is lost'), { code: 'CONNECTION_CLOSED' })
}

function ask(connection: Connection, tx: postgres.TransactionSql, args: Parameters<typeof tx.unsafe>) {
  assertNotLost(connection)
  const asked = tx.unsafe(...args)
  asked.catch((error: { severity?: string }) => {
    if (error.severity === 'FATAL') connection.isLost = true // the server closes it next
  })
  return asked
}
