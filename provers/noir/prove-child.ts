/**
 * Process that makes one proof: computes the witness (WebAssembly that blocks its event loop) and then runs `bb`. It leads a process group; when its parent
 * dies, the IPC channel closes and it takes `bb` and the scratch folder with it, so that no killed worker leaves provers running.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js'
import { watchPeakMemory } from './peak-memory.ts'

/** What the parent sends first. */
export interface ProveRequest {
  programPath: string
  inputs: InputMap
  witnessPath: string
  bb: { path: string; args: string[] }
  /** Removed if the parent dies. */
  scratchDir: string
}

/** What the parent gets. A process that ends without one of the last three has crashed. */
export type ProveMessage =
  | { kind: 'phase'; phase: string }
  | { kind: 'unprovable'; reason: string }
  | { kind: 'bb-failed'; exitCode: number | null; signal: NodeJS.Signals | null }
  | { kind: 'proved'; peakMemoryBytes: number }

process.once('message', (request: ProveRequest) => {
  process.once('disconnect', () => endWithParent(request))
  void answer(request)
})

async function answer(request: ProveRequest): Promise<void> {
  const message = await prove(request)
  process.removeAllListeners('disconnect')
  process.send?.(message, () => process.disconnect())
}

async function prove(request: ProveRequest): Promise<ProveMessage> {
  tell({ kind: 'phase', phase: 'witness' })
  const witness = await computeWitness(request)
  if (typeof witness === 'string') return { kind: 'unprovable', reason: witness }
  await writeFile(request.witnessPath, witness)
  tell({ kind: 'phase', phase: 'proof' })
  return runBb(request.bb)
}

/** The witness, or why there is none. */
async function computeWitness({ programPath, inputs }: ProveRequest): Promise<Uint8Array | string> {
  const program = JSON.parse(await readFile(programPath, 'utf8')) as CompiledCircuit
  try {
    return (await new Noir(program).execute(inputs)).witness
  } catch (error) {
    // A trap of the WebAssembly virtual machine, such as memory that it could not get: the machine's fault, not the input's.
    if (error instanceof Error && error.name === 'RuntimeError') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

function runBb({ path, args }: ProveRequest['bb']): Promise<ProveMessage> {
  const bb = spawn(path, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const bbPeak = watchPeakMemory(bb)
  return new Promise((resolve, reject) => {
    bb.once('error', reject)
    bb.once('exit', (exitCode, signal) => {
      // Both are resident at the same time. maxRSS is in KiB.
      const peakMemoryBytes = process.resourceUsage().maxRSS * 1024 + bbPeak()
      resolve(exitCode === 0 ? { kind: 'proved', peakMemoryBytes } : { kind: 'bb-failed', exitCode, signal })
    })
  })
}

const tell = (message: ProveMessage): void => void process.send?.(message)

function endWithParent({ scratchDir }: ProveRequest): void {
  rmSync(scratchDir, { recursive: true, force: true })
  process.kill(-process.pid, 'SIGKILL') // the group: this process and bb
}
