/** `npm run demo`: proves a rollup's sequences for real and settles them on chain, from nothing. */
import { Command, Option } from 'commander'
import { type DemoOptions, runDemo } from './demo/run-demo.ts'
import { exitWithError } from './exit-with-error.ts'

const command = new Command('npm run demo --')
  .description(
    'Sets up all it needs, posts sequences of signed transfers, proves them and settles them on a local chain.',
  )
  .addOption(
    new Option('--node <which>', 'whose chain: geth is a real execution client, which Go builds once')
      .choices(['anvil', 'geth'])
      .default('anvil'),
  )
  .option('--keep', 'leave everything running afterwards, until Ctrl-C')
  .action((options: DemoOptions) => runDemo(options))

await command.parseAsync().catch(exitWithError)
