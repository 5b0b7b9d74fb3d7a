import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hex, keccak256 } from 'viem'
import type { World } from '../world/world.ts'
import type { ArchivedFile, MadeProof } from './facts.ts'
import { sha256Of } from './read-database.ts'

export async function readArchive({ stack }: World): Promise<ArchivedFile[]> {
  const folder = join(stack.dataDir, 'archive')
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => name.endsWith('.proof') && !name.startsWith('.'),
  )
  return Promise.all(
    names.map(async (name) => {
      const [bytes, { mtimeMs }] = [await readFile(join(folder, name)), await stat(join(folder, name))]
      const sha256 = name.replace('.proof', '') as Hex
      return { sha256, isWhole: sha256Of(bytes) === sha256, keccak: keccak256(bytes), savedAtMs: mtimeMs }
    }),
  )
}

/** Reads the texts of all logs of the run. */
export async function readLogs({ stack }: World): Promise<{ name: string; text: string }[]> {
  const folder = join(stack.dataDir, 'logs')
  const names = await readdir(folder)
  return Promise.all(
    names.map(async (name) => ({ name: `log ${name}`, text: await readFile(join(folder, name), 'utf8') })),
  )
}

/** "made batch 1-2 of rollup-0 in 331 ms, task 0x…" */
const MADE = /^made \S+ \S+ of \S+ in (?<ms>\d+) ms, task (?<taskId>0x[0-9a-f]{64})$/

export async function readMadeProofs(world: World): Promise<MadeProof[]> {
  const honest = (await readLogs(world)).filter(({ name }) => name.startsWith('log prover-'))
  return honest.flatMap(({ text }) => madeProofs(text))
}

/** Finds what provers made in a log, which all processes of one name write to, one after the other. */
export function madeProofs(log: string): MadeProof[] {
  const lines = log.split('\n').flatMap(parseLine)
  return lines.flatMap(({ time, name, workflowId, msg }, i) => {
    const { ms, taskId } = MADE.exec(msg)?.groups ?? {}
    if (ms === undefined || taskId === undefined || workflowId === undefined) return []
    const later = lines.slice(i + 1)
    const nextStart = later.findIndex((line) => line.msg === 'prover is ready')
    const ownLater = nextStart === -1 ? later : later.slice(0, nextStart)
    const livedOn = nextStart === -1 || ownLater.some((line) => MADE.test(line.msg))
    return [{ taskId: taskId as Hex, prover: name, workflowId, atMs: time, beganAtMs: time - Number(ms), livedOn }]
  })
}

function parseLine(line: string): { time: number; name: string; workflowId?: string; msg: string }[] {
  try {
    const parsed = JSON.parse(line)
    return typeof parsed.msg === 'string' && typeof parsed.time === 'number' ? [parsed] : []
  } catch {
    return [] // another program wrote it
  }
}
