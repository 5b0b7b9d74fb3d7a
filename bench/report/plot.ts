import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Measurement } from './result.ts'

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

/** A picture of figures that differ in their circumstance alone. */
export interface Plot {
  title: string
  svg: string
}

/** A figure's name taken apart: "ms a batch, 1,000 accounts". */
interface Point {
  /** "ms": what axes have in common. */
  unit: string
  /** "ms a batch" */
  series: string
  /** "1,000 accounts" */
  circumstance: string
  /** 1000; null when the circumstance is no number of something. */
  x: number | null
  /** "accounts"; empty when it is no number. */
  xUnit: string
  ours: number
  theirs: number | null
}

const NAME = /^(?<series>(?<unit>\S+).*), (?<circumstance>.+)$/
const NUMBERED = /^(?<number>\d[\d,.]*) (?<xUnit>.+)$/

/** Pixels. Each series has a line of the legend for itself: how wide a text is depends on who shows it. */
const WIDTH = 760
const HEIGHT_OF = { head: 70, line: 20, grid: 330 } as const

/** An axis whose numbers lie farther apart is logarithmic. */
const MOST_RATIO = 25

/**
 * Makes one plot for all figures with the same unit and the same kind of circumstance, where there are at least two.
 */
export function plotsOf({ benchmark, against, summary }: Measurement): Plot[] {
  const groups = Map.groupBy(summary.flatMap(pointOf), ({ unit, xUnit }) => `${unit} by ${xUnit || 'what it is of'}`)
  return [...groups].flatMap(([by, points]) => {
    if (new Set(points.map(({ circumstance }) => circumstance)).size < 2) return []
    const title = `${benchmark}: ${by}`
    return [{ title, svg: render(optionsOf(title, points, against)) }]
  })
}

function pointOf({ figure, median, against }: Measurement['summary'][number]): Point[] {
  const { series, unit, circumstance } = NAME.exec(figure)?.groups ?? {}
  if (series === undefined || unit === undefined || circumstance === undefined) return []
  const { number, xUnit = '' } = NUMBERED.exec(circumstance)?.groups ?? {}
  const x = number === undefined ? null : Number(number.replaceAll(',', ''))
  return [{ unit, series, circumstance, x, xUnit, ours: median, theirs: against }]
}

function optionsOf(title: string, points: readonly Point[], against: string | null) {
  const [first] = points
  const isNumbered = points.every(({ x }) => x !== null)
  const circumstances = [...new Set(points.map(({ circumstance }) => circumstance))]
  const xAxis = isNumbered
    ? { ...axisOf(points.map(({ x }) => x ?? 0)), name: first?.xUnit }
    : { type: 'category', data: circumstances }
  const series = [...new Set(points.map((point) => point.series))].flatMap((name, i) => {
    const own = points.filter((point) => point.series === name)
    const line = (of: (point: Point) => number | null) =>
      own.flatMap((point) => (of(point) === null ? [] : [[isNumbered ? point.x : point.circumstance, of(point)]]))
    const looks = { type: isNumbered ? 'line' : 'bar', clip: false, silent: true, color: COLORS[i % COLORS.length] }
    const ours = { ...looks, name, data: line((point) => point.ours) }
    if (against === null || own.every(({ theirs }) => theirs === null)) return [ours]
    const theirLooks = isNumbered ? { lineStyle: { type: 'dashed' } } : { itemStyle: { opacity: 0.4 } }
    return [{ ...looks, ...theirLooks, name: `${name}, at ${against}`, data: line((point) => point.theirs) }, ours]
  })
  return {
    animation: false,
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { orient: 'vertical', top: 40, left: 70, itemWidth: 30, itemHeight: 10, itemGap: HEIGHT_OF.line - 10 },
    grid: { top: topOf(series.length), left: 70, right: 90, bottom: 40 },
    xAxis,
    yAxis: { ...axisOf(points.flatMap(({ ours, theirs }) => [ours, theirs ?? ours])), name: first?.unit },
    series,
  }
}

/** Told apart by the colour-blind, too (Okabe and Ito, 2008). */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

function axisOf(numbers: readonly number[]): { type: 'log' | 'value' } {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  return { type: least > 0 && most / least > MOST_RATIO ? 'log' : 'value' }
}

const topOf = (series: number): number => HEIGHT_OF.head + series * HEIGHT_OF.line

/** Renders the same options to the same bytes. */
function render(options: ReturnType<typeof optionsOf>): string {
  const height = topOf(options.series.length) + HEIGHT_OF.grid
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  try {
    chart.setOption({ backgroundColor: '#ffffff', ...options })
    return `${withoutCounters(chart.renderToSVGString({ useViewBox: true }))}\n`
  } finally {
    chart.dispose()
  }
}

/**
 * Takes away the numbers that charts have through the life of a process. Their classes serve pointers alone, which a
 * document doesn't follow.
 */
const withoutCounters = (svg: string): string =>
  svg
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replace(/<style >.*?<\/style>\n?/s, '')
    .replaceAll(/\bzr\d+-/g, 'zr-')
