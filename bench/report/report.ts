import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Report, renderReport } from './render.ts'
import { type Measurement, readResult } from './result.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENT = 'docs/performance.md'
const RESULTS = 'bench/results/*.json'
const PLOTS = 'docs/plots'

/**
 * Writes tables and plots of all results that are kept, and takes away plots of those that aren't any more.
 * @returns files that were written.
 * @throws BenchResultError | BenchPlaceError
 */
export function writeReport(root = ROOT): string[] {
  const { text, plots } = makeReport(root)
  rmSync(join(root, PLOTS), { recursive: true, force: true })
  mkdirSync(join(root, PLOTS), { recursive: true })
  writeFileSync(join(root, DOCUMENT), text)
  for (const [path, svg] of plots) writeFileSync(join(root, dirname(DOCUMENT), path), svg)
  return [DOCUMENT, ...[...plots.keys()].map((path) => join(dirname(DOCUMENT), path))]
}

/** Finds files that say other than the results, and plots that nobody asks for any more. Throws as writing does. */
export function outdated(root = ROOT): string[] {
  const { text, plots } = makeReport(root)
  const expected = new Map([[DOCUMENT, text]])
  for (const [path, svg] of plots) expected.set(join(dirname(DOCUMENT), path), svg)
  const present = [DOCUMENT, ...globSync(`${PLOTS}/*`, { cwd: root })]
  const all = new Set([...expected.keys(), ...present])
  return [...all].filter((file) => !present.includes(file) || expected.get(file) !== read(root, file))
}

function makeReport(root: string): Report {
  const results = new Map<string, Measurement>()
  for (const file of globSync(RESULTS, { cwd: root }).sort())
    results.set(basename(file, '.json'), readResult(file, read(root, file)))
  return renderReport(read(root, DOCUMENT), results)
}

const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')
