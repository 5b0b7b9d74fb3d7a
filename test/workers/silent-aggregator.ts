/**
 * A worker that takes one look, never ends it, and says so: `node silent-aggregator.ts <address> <namespace> <rollup>`.
 */
import { installQuietRuntime, startHarness } from '../workflows/harness.ts'

const [address = '', namespace = '', rollup = ''] = process.argv.slice(2)
installQuietRuntime()
const harness = await startHarness({ address, namespace })
harness.serve(rollup, {
  lookAtSequence: () => {
    process.stdout.write('looks\n')
    return new Promise(() => {})
  },
})
process.stdout.write('ready\n')
