/** `npm run setup`: makes what demo and tests need, once; later runs show what they reuse. */
import { Command, Option } from 'commander'
import { exitWithError } from './exit-with-error.ts'
import { runSetup } from './run-setup.ts'
import { provingSetup } from './setup/proving-steps.ts'
import type { SetupStep } from './setup/step.ts'
import { StackUsageError } from './stack/errors.ts'
import { gethStep } from './stack/nodes/geth-cache.ts'
import { stopOnSignals } from './stack/processes/stop-on-signals.ts'
import { temporalStep } from './stack/temporal/source.ts'

interface Flags {
  list?: true
  srs: 'canonical' | 'development'
}

const command = new Command('npm run setup --')
  .description(
    'Makes what the demo, the tests and the provers need: the Temporal dev server, geth, circuits and keys. What is there is reused.',
  )
  .argument('[steps...]', 'only these steps, in the order in which they depend on each other (default: all)')
  .option('--list', 'show the steps and what is there already')
  .addOption(
    new Option('--srs <which>', 'reference string of the keys: the development one is refused on real chains')
      .choices(['canonical', 'development'])
      .env('ZKPOW_SRS')
      .default('development'),
  )
  .action(async (ids: string[], flags: Flags) => {
    const steps = [temporalStep(), gethStep(), ...(await provingSetup(flags.srs)).steps]
    if (flags.list) await list(steps)
    else await runUntilSignal(selected(steps, ids))
  })

await command.parseAsync().catch(exitWithError)

async function list(steps: SetupStep[]): Promise<void> {
  for (const step of steps) {
    console.log(
      `${step.id.padEnd(28)} ${(await step.isDone()) ? `done: ${await step.reused()}` : `to do: ${step.title}`}`,
    )
  }
}

function selected(steps: SetupStep[], ids: string[]): SetupStep[] {
  const unknown = ids.filter((id) => !steps.some((step) => step.id === id))
  if (unknown.length > 0) {
    const remedy = `choose among ${steps.map((step) => step.id).join(', ')}.`
    throw new StackUsageError(`There is no set-up step ${unknown.join(', ')}.`, { remedy })
  }
  return ids.length === 0 ? steps : steps.filter((step) => ids.includes(step.id))
}

async function runUntilSignal(steps: SetupStep[]): Promise<void> {
  const interrupted = new AbortController()
  const running = runSetup(steps, interrupted.signal)
  const release = stopOnSignals(async () => {
    interrupted.abort()
    await running.catch(() => {}) // what counts is that it ends, not its result
  })
  await running
  release()
}
