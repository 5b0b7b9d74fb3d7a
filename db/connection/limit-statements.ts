import type postgres from 'postgres'

/** At a statement, until its time is over. */
const LOOKS = 10

type Asked = ReturnType<postgres.Sql['unsafe']>
type Asker = Pick<postgres.TransactionSql, 'unsafe'>

/**
 * Makes a client that cancels what runs for longer, so that it fails with Postgres' own code for that (57014). It isn't
 * left to Postgres' `statement_timeout`, because poolers such as PgBouncer refuse a connection that sets it, and share
 * a session's settings between clients.
 */
export const limitStatements = (client: postgres.Sql, limitMs: number): postgres.Sql =>
  new Proxy(client, {
    get: (target, name) => {
      if (name === 'begin')
        return (use: (tx: postgres.TransactionSql) => unknown) => target.begin((tx) => use(limited(tx, limitMs)))
      return name === 'unsafe' ? asking(target, limitMs) : Reflect.get(target, name)
    },
  })

const limited = (tx: postgres.TransactionSql, limitMs: number): postgres.TransactionSql =>
  new Proxy(tx, {
    get: (target, name) => {
      if (name === 'savepoint')
        return (use: (tx: postgres.TransactionSql) => unknown) =>
          target.savepoint((inner) => use(limited(inner, limitMs)))
      return name === 'unsafe' ? asking(target, limitMs) : Reflect.get(target, name)
    },
  })

const asking =
  (asker: Asker, limitMs: number) =>
  (...args: Parameters<Asker['unsafe']>): Asked => {
    const asked = asker.unsafe(...args)
    let looks = 0
    // What waits for a connection, or behind others on it, is no load yet, and its time hasn't begun.
    const timer = setInterval(() => {
      if (isRunning(asked)) looks += 1
      if (looks < LOOKS) return
      stop()
      cancel(asked)
    }, limitMs / LOOKS).unref()
    const stop = () => clearInterval(timer)
    asked.then(stop, stop)
    return asked
  }

/** Tells whether a connection works on it, by the driver's own mark, which isn't in its types. */
const isRunning = (asked: Asked): boolean => (asked as Asked & { active: boolean }).active

/** Cancels by a connection of its own, which may fail: then the statement goes on, and so does the wait for it. */
const cancel = (asked: Asked): void => void Promise.resolve(asked.cancel()).catch(() => {})
