import { type Logger, pino } from 'pino'

/** Logs one JSON line per event on stderr. @param name the process, as an operator calls it. */
export const createLog = (level: string, name: string): Logger =>
  pino({ level, name, base: { name } }, pino.destination(2))
