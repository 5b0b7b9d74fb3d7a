import { randomInt } from 'node:crypto'
import getPort from 'get-port'

/**
 * Ports below the range from which operating systems take the local ports of outgoing connections. Inside that range, a
 * client that keeps trying to reach a stopped part can take the part's port, or even connect to itself.
 */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 50

/**
 * Gives `wanted`, or else a port of 127.0.0.1 on which nothing listens. No port is given out twice within a minute by
 * one process.
 */
export async function freePort(wanted?: number): Promise<number> {
  return wanted ?? getPort({ host: '127.0.0.1', port: Array.from({ length: TRIES }, () => randomInt(FIRST, LAST)) })
}
