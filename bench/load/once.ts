/** `node bench/load/once.ts <name> <settings>`: measures once, and prints JSON. It imports no other benchmark. */
import { existsSync } from 'node:fs'
import type { Benchmark } from '../benchmark.ts'

const [name = '', settings = '{}'] = process.argv.slice(2)
const places = [`../${name}.ts`, `./${name}/${name}.ts`]
const file = places.find((path) => existsSync(new URL(path, import.meta.url)))
if (file === undefined) throw new Error(`There is none of ${places.join(', ')}.`)
const { [name]: benchmark }: Record<string, Benchmark> = await import(file)
if (benchmark === undefined) throw new Error(`${file} exports no benchmark of that name.`)
console.log(JSON.stringify(await benchmark.measure(JSON.parse(settings))))
