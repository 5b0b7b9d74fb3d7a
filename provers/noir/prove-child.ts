/**
 * Process that makes one proof: computes the witness (WebAssembly that blocks its event loop) and then runs `bb`. When
 * it is asked to end, or when its parent dies and so closes the IPC channel, it ends `bb`, waits for that, and removes
 * the scratch folder: no killed worker leaves provers running.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js'
import { ownPeakBytes, watchPeakMemory } from './peak-memory.ts'

/** What the parent sends first. */
export interface ProveRequest {
  programPath: string
  inputs: InputMap
  witnessPath: string
  bb: { path: string; args: string[] }
  /** Removed when this process is stopped. */
  scratchDir: string
  /** Between SIGTERM and SIGKILL of `bb`, ms. */
  graceMs: number
}

/** What the parent gets. A process that ends without one of the last three has crashed. */
export type ProveMessage =
  | { kind: 'phase'; phase: string }
  | { kind: 'unprovable'; reason: string }
  | { kind: 'bb-failed'; exitCode: number | null; signal: NodeJS.Signals | null }
  | { kind: 'proved'; peakMemoryBytes: number }

let bb: ChildProcess | undefined

process.once('message', (request: ProveRequest) => {
  process.once('SIGTERM', () => stop(request, request.graceMs))
  process.once('disconnect', () => stop(request, 0)) // nobody is left to wait for
  void answer(request)
})

async function answer(request: ProveRequest): Promise<void> {
  const message = await prove(request)
  if (!process.connected) return
  process.removeAllListeners('disconnect')
  process.send?.(message, () => process.disconnect())
}

async function prove(request: ProveRequest): Promise<ProveMessage> {
  tell({ kind: 'phase', phase: 'witness' })
  const witness = await computeWitness(request)
  if (typeof witness === 'string') return { kind: 'unprovable', reason: witness }
  await writeFile(request.witnessPath, witness)
  tell({ kind: 'phase', phase: 'proof' })
  return runBb(request)
}

/** Computes the witness, or says why there is none. */
async function computeWitness({ programPath, inputs }: ProveRequest): Promise<Uint8Array | string> {
  const program = JSON.parse(await readFile(programPath, 'utf8')) as CompiledCircuit
  try {
    return (await new Noir(program).execute(inputs)).witness
  } catch (error) {
    // A trap of the WebAssembly virtual machine, such as memory that it could not get: the machine's fault, not the
    // input's.
    if (error instanceof Error && error.name === 'RuntimeError') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

function runBb({ bb: { path, args } }: ProveRequest): Promise<ProveMessage> {
  const child = spawn(path, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  bb = child
  const bbPeak = watchPeakMemory(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode, signal) => {
      const peakMemoryBytes = ownPeakBytes() + bbPeak() // both are resident at the same time
      resolve(exitCode === 0 ? { kind: 'proved', peakMemoryBytes } : { kind: 'bb-failed', exitCode, signal })
    })
  })
}

const tell = (message: ProveMessage): void => void process.send?.(message)

/** Waits for `bb`, because what an ended parent leaves behind, dead or alive, is nobody's. */
function stop({ scratchDir }: ProveRequest, graceMs: number): void {
  const end = () => {
    rmSync(scratchDir, { recursive: true, force: true })
    process.exit(1)
  }
  if (bb === undefined || bb.exitCode !== null || bb.signalCode !== null) end()
  bb?.once('exit', end)
  bb?.kill('SIGTERM')
  setTimeout(() => bb?.kill('SIGKILL'), graceMs)
}
