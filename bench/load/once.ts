/** `node bench/load/once.ts <name> <settings>`: one measurement, as JSON. It imports no other benchmark. */
import type { Benchmark } from '../benchmark.ts'

const [name = '', settings = '{}'] = process.argv.slice(2)
const { [name]: benchmark }: Record<string, Benchmark> = await import(`../${name}.ts`)
if (benchmark === undefined) throw new Error(`bench/${name}.ts exports no benchmark of that name.`)
console.log(JSON.stringify(await benchmark.measure(JSON.parse(settings))))
