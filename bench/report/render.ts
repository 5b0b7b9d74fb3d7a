import { wrap } from '../../dev/checks/wrap.ts'
import { BenchPlaceError } from './errors.ts'
import { plotsOf } from './plot.ts'
import { describeMeasurement, type Measurement } from './result.ts'
import { tableOf } from './summary.ts'

/** A document, and the plots that it shows by their paths from it. */
export interface Report {
  text: string
  plots: Map<string, string>
}

/** Names the marks between which the text is ours. All other text is hand-written, and stays. */
const marksOf = (name: string) => ({ begin: `<!-- bench: ${name} -->`, end: `<!-- end of bench: ${name} -->` })

const ANY_BEGIN = /^<!-- bench: (.+) -->$/gm

/**
 * Puts tables and plots of all results between the marks of their names. The same results give the same bytes.
 * @param results by name: that of their file, without its ending.
 * @throws BenchPlaceError
 */
export function renderReport(document: string, results: ReadonlyMap<string, Measurement>): Report {
  for (const [, name = ''] of document.matchAll(ANY_BEGIN))
    if (!results.has(name)) throw placeError(name, 'The document has a place for results that nobody kept')
  const plots = new Map<string, string>()
  let text = document
  for (const [name, measurement] of results) {
    const block = blockOf(name, measurement, plots)
    text = replaceBetween(text, name, block)
  }
  return { text, plots }
}

function replaceBetween(text: string, name: string, block: string): string {
  const { begin, end } = marksOf(name)
  const [before, inner, ...more] = text.split(`${begin}\n`)
  const [, after, ...tooMany] = inner?.split(`${end}\n`) ?? []
  if (before === undefined || after === undefined || more.length + tooMany.length > 0)
    throw placeError(name, "The document doesn't have both marks of these results, once each, in their order")
  return `${before}${begin}\n${block}\n${end}\n${after}`
}

const placeError = (name: string, why: string) => new BenchPlaceError({ name, why, ...marksOf(name) })

/** Makes the text of one measurement, and adds its plots to the others. */
function blockOf(name: string, measurement: Measurement, plots: Map<string, string>): string {
  const images = plotsOf(measurement).map(({ title, svg }) => {
    const path = `plots/${name}-${title.replace(/^.*?: /, '').replaceAll(/\W+/g, '-')}.svg`
    plots.set(path, svg)
    return `![${title}](${path})`
  })
  const told = describeMeasurement(measurement).map((paragraph) => wrap(paragraph))
  const table = tableOf(measurement.summary, measurement.against).join('\n')
  return [
    '',
    ...told.flatMap((paragraph) => [paragraph, '']),
    table,
    ...images.flatMap((image) => ['', image]),
    '',
  ].join('\n')
}
