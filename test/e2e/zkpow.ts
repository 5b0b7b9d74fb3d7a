import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ProcessSettings } from '../../dev/deployment/processes.ts'

const ZKPOW = fileURLToPath(new URL('../../client/zkpow.ts', import.meta.url))

/** What a command ended with. */
export interface Outcome {
  code: number
  stdout: string
  /** What it said to people. */
  stderr: string
}

/** Runs a command as an operator does, in a process of its own and without the miner's key. */
export function zkpow(
  { configFile, env }: Pick<ProcessSettings, 'configFile' | 'env'>,
  ...args: string[]
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } }
    execFile(process.execPath, [ZKPOW, ...args, '--config', configFile], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}
