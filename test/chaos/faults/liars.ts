import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROVER_DATABASE_ENV } from '../../../dev/deployment/write-config.ts'
import { startProcess } from '../../../dev/stack/processes/process.ts'
import { UNSUBMITTED } from '../plans/milestones.ts'
import { lasting } from './fault.ts'

const LYING_PROVER = fileURLToPath(new URL('../world/lying-prover.ts', import.meta.url))

/** Somebody with a prover's login takes tasks beside the honest ones for a while and returns what is no proof. */
export const proverLies = lasting(
  {
    name: 'prover-lies',
    what: 'another prover takes tasks and returns what is no proof (`lying-prover.ts`)',
    lastsMs: { min: 10_000, max: 20_000 }, // it has to start first, and to get a task
    harmsAt: UNSUBMITTED,
  },
  async ({ deployment: { settings } }, _, hit) => {
    const liar = await startProcess({
      name: 'liar',
      command: process.execPath,
      args: [LYING_PROVER, '--config', settings.configFile, '--name', 'liar'],
      env: { ...settings.env, [PROVER_DATABASE_ENV]: settings.proverDatabaseUrl },
      logFile: join(settings.logFolder, 'liar.log'),
    })
    return async () => {
      liar.kill('SIGKILL')
      if ((await readFile(liar.logFile, 'utf8')).includes('"made ')) hit()
    }
  },
)
