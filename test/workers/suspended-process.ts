/**
 * Starts itself anew once while every thread that could write its log has other work: `node suspended-process.ts`.
 */
import { pbkdf2 } from 'node:crypto'
import { createLog } from '../../workers/log.ts'
import { startAnew, tellStart } from '../../workers/suspension.ts'

/** As many threads as Node has. */
const THREADS = 4

const log = createLog('info', 'a process')
tellStart(log)
if (process.env.ZKPOW_STARTED_ANEW === undefined) {
  for (let thread = 0; thread < THREADS; thread++) pbkdf2('secret', 'salt', 10_000_000, 64, 'sha512', () => {})
  log.info('says a last thing')
  startAnew(log, 25_000)
}
