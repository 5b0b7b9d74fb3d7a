import { z } from 'zod'
import { messageOf } from '../../protocol/base/errors.ts'
import { BenchResultError } from './errors.ts'

/** The format that `--json` writes. A reader refuses any other. */
export const RESULT_FORMAT = 1

const figures = z.record(z.string(), z.number())

const measurement = z.strictObject({
  format: z.literal(RESULT_FORMAT),
  benchmark: z.string().min(1),
  method: z.string().min(1),
  /** What to type in order to measure it again. */
  command: z.string().min(1),
  date: z.iso.date(),
  machine: z.strictObject({
    ...{ cpu: z.string(), cores: z.int(), memoryGiB: z.number(), system: z.string(), node: z.string() },
    ...{ versions: z.record(z.string(), z.string()), revision: z.string(), loadBefore: z.number() },
  }),
  loadAfter: z.number(),
  settings: figures,
  /** The other revision, when two builds were measured in turn. */
  against: z.string().nullable(),
  rounds: z.array(z.strictObject({ ours: figures, theirs: figures.nullable() })).min(1),
  summary: z
    .array(
      z.strictObject({
        ...{ figure: z.string(), median: z.number(), lowest: z.number(), highest: z.number() },
        ...{ against: z.number().nullable(), ratio: z.number().nullable() },
      }),
    )
    .min(1),
})

/** All that is kept of one run of a benchmark. */
export type Measurement = z.infer<typeof measurement>

/** @throws BenchResultError which names the file, and the first thing that is wrong with it. */
export function readResult(file: string, text: string): Measurement {
  const json = parse(file, text)
  const format = z.looseObject({ format: z.unknown() }).safeParse(json).data?.format
  if (format !== RESULT_FORMAT)
    throw new BenchResultError(file, `its format is ${JSON.stringify(format) ?? 'not named'}, not ${RESULT_FORMAT}`)
  const { success, data, error } = measurement.safeParse(json)
  if (success) return data
  const [issue] = error.issues
  throw new BenchResultError(file, `${issue?.path.join('.')}: ${issue?.message}`, error)
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BenchResultError(file, messageOf(error), error)
  }
}

/** Says what a reader needs before any figure: how, where, with what, and how busy it was. Each is a paragraph. */
export function describeMeasurement({ machine, ...p }: Measurement): string[] {
  const { cpu, cores, memoryGiB, system, node, versions, revision, loadBefore } = machine
  const also = Object.entries(versions).map(([what, version]) => `${what} ${version}`)
  const rounds = p.rounds.length === 1 ? 'One round' : `Medians of ${p.rounds.length} rounds`
  return [
    `\`${p.command}\`, ${p.date}, at ${revision}: ${p.method}.`,
    `${rounds}${p.against === null ? '' : `, each of this build and of ${p.against}`}, on ${cpu}, ${cores} cores, ` +
      `${memoryGiB} GiB, ${system}, Node ${node}, ${also.join(', ')}; load ${loadBefore} before, ${p.loadAfter} after.`,
  ]
}
