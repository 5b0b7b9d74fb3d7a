import { readFile, writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import { openChain, withDatabase } from '../../workers/connections.ts'
import { UsageError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { exportSnapshot, importSnapshot, type SnapshotStore } from '../requests/snapshots.ts'
import { rollupNamed } from '../targets.ts'

/** Makes the command `zkpow snapshot export|import <rollup>`. */
export const snapshotCommand = (): Command =>
  new Command('snapshot')
    .description("take a rollup's state to another aggregator, which needn't replay it then")
    .addCommand(exportCommand())
    .addCommand(importCommand())

const exportCommand = (): Command =>
  new Command('export')
    .description(
      'write a state that the contract has verified to a file: the newest one that is stored, or that after a batch',
    )
    .argument('<rollup>', "a rollup's name")
    .requiredOption('--to <file>', 'file that is made; one that is there already is left as it is')
    .option('--batch <number>', 'last batch of a sequence', parseBatch)
    .action(async (rollup: string, { to, batch }: { to: string; batch?: number }, command: Command) => {
      const { text, batchNum } = await withStore(command, rollup, (store) => exportSnapshot(store, batch))
      await writeFile(to, text, { flag: 'wx' }).catch((cause: unknown) => {
        throw new UsageError(`${to} can't be made: ${codeOf(cause)}.`, {
          remedy: 'name a new file in a folder that may be written to.',
        })
      })
      process.stderr.write(`The state of ${rollup} after batch ${batchNum} is in ${to}.\n`)
    })

const importCommand = (): Command =>
  new Command('import')
    .description('store a state from a file, if it is the one that the contract has verified; again is harmless')
    .argument('<rollup>', "a rollup's name")
    .argument('<file>', 'what `zkpow snapshot export` wrote')
    .action(async (rollup: string, file: string, _options, command: Command) => {
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new UsageError(`${file} can't be read: ${codeOf(cause)}.`, {
          remedy: 'name a file that `zkpow snapshot export` wrote.',
        })
      })
      const batchNum = await withStore(command, rollup, (store) => importSnapshot(store, text))
      process.stderr.write(`The state of ${rollup} after batch ${batchNum} is stored: replays go on from it.\n`)
    })

async function withStore<T>(command: Command, name: string, use: (store: SnapshotStore) => Promise<T>): Promise<T> {
  const config = await loadOperatorConfig(command.optsWithGlobals<CommonOptions>().config)
  const rollup = rollupNamed(config, name)
  // These are imported only here: the backends of all kinds take long to load, and no other command needs them.
  const { kindFactory } = await import('../../workers/kinds/kinds.ts')
  const kind = kindFactory(rollup.kind)
  return withDatabase(config.database, (db) => use({ db, chain: openChain(rollup.chain), rollup, kind }))
}

function parseBatch(text: string): number {
  const batch = Number(text)
  if (Number.isSafeInteger(batch) && batch >= 1) return batch
  throw new InvalidArgumentError('Expected a batch number from 1.')
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'it failed'
