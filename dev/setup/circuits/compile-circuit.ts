import { Worker } from 'node:worker_threads'
import { SetupStepError } from '../errors.ts'
import type { CompiledProgram, CompileRequest } from './compile-worker.ts'

/**
 * Compiles one Noir package in a thread of its own.
 * @throws SetupStepError with what the compiler wrote.
 */
export function compileCircuit(request: CompileRequest, signal: AbortSignal): Promise<CompiledProgram> {
  const worker = new Worker(new URL('./compile-worker.ts', import.meta.url), {
    workerData: request,
    stdout: true,
    stderr: true,
  })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop, { once: true })
  let written = ''
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (text: Buffer) => (written += text.toString()))
  return new Promise<CompiledProgram>((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(
        new SetupStepError(`${request.packageDir} doesn't compile: ${written.trim()}`, {
          remedy: 'correct the circuit; the messages are the compiler’s.',
          cause,
        }),
      )
    worker.once('message', resolve)
    worker.once('error', fail)
    worker.once('exit', () => (signal.aborted ? reject(signal.reason) : fail())) // after a message this changes nothing
  }).finally(() => signal.removeEventListener('abort', stop))
}
