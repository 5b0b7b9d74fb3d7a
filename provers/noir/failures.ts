/**
 * What the end of a proving process means: the task can't be proved, the machine is short of something, or it just
 * failed.
 */
import { dirname } from 'node:path'
import { ProverDiskFullError, ProverMachineError, ProverOutOfMemoryError } from '../../protocol/proof/prover-errors.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import { describeEnd, ProverProcessError, UnprovableInputError } from './errors.ts'
import type { ProveMessage } from './prove-child.ts'
import type { ProcessResult } from './run-process.ts'

/** What a program says that was refused memory: C++, Linux and macOS, V8, WebAssembly. */
const NO_MEMORY =
  /bad_alloc|cannot allocate memory|(heap|process|RangeError:.*) out of memory|could not allocate memory/i
/** The words for ENOSPC and EDQUOT. */
const NO_SPACE = /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/i
/**
 * What says of a machine that its files or programs are missing, locked or broken: Node's codes, and the words of
 * others.
 */
const BROKEN_CODE = /\b(EROFS|EACCES|EPERM|EIO|ENOENT|EMFILE|ENFILE|EAGAIN)\b/
const BROKEN_WORDS = /read-only file system|permission denied|input\/output error|error while loading shared libraries/i
/** How a shell and containers report SIGKILL. */
const EXIT_KILLED = 137

/**
 * Says why there is no proof.
 * @param result end of the process that was started.
 * @param last what it said last; it outlives `bb`, which it starts.
 */
export function failureOf(
  job: { stage: Stage; scratchDir: string },
  result: ProcessResult,
  last: ProveMessage | undefined,
): Error {
  const { stage, scratchDir } = job
  if (last?.kind === 'unprovable') return new UnprovableInputError(stage, last.reason)
  const end = last?.kind === 'bb-failed' ? bbResult(last, result) : result
  const error = new ProverProcessError(`The process that makes the ${stage} proof`, end)
  if (end.ended !== 'signal' && end.ended !== 'crash') return error
  if (NO_SPACE.test(end.stderrTail))
    return new ProverDiskFullError({ stage, folder: dirname(scratchDir), cause: error })
  if (isBroken(end)) return new ProverMachineError({ stage, what: describeEnd(end), cause: error })
  return isOutOfMemory(end) ? new ProverOutOfMemoryError({ stage, how: describeEnd(end) }) : error
}

/**
 * Tells whether memory was short. Nobody but the kernel kills these processes unasked: what we end ourselves has
 * another reason, which comes first.
 */
const isOutOfMemory = (end: ProcessResult): boolean =>
  (end.ended === 'signal' && end.signal === 'SIGKILL') ||
  (end.ended === 'crash' && end.exitCode === EXIT_KILLED) ||
  NO_MEMORY.test(end.stderrTail)

/** Tells whether the machine is broken. A processor that lacks what `bb` was built for ends it by SIGILL. */
const isBroken = (end: ProcessResult): boolean =>
  (end.ended === 'signal' && end.signal === 'SIGILL') ||
  BROKEN_CODE.test(end.stderrTail) ||
  BROKEN_WORDS.test(end.stderrTail)

/**
 * Says what a failed call of the system's means that has nothing to do with the proof: no space, or a folder or program
 * that can't be used.
 */
export function ofMachine({ stage, folder, cause }: { stage: Stage; folder: string; cause: unknown }): unknown {
  const code = (cause as NodeJS.ErrnoException).code
  if (typeof code !== 'string' || (cause as NodeJS.ErrnoException).syscall === undefined) return cause
  if (code === 'ENOSPC' || code === 'EDQUOT') return new ProverDiskFullError({ stage, folder, cause })
  return new ProverMachineError({ stage, what: `a call in or for ${folder} failed (${code}).`, cause })
}

/** Says how `bb` ended, as the process that started it saw it. */
function bbResult(
  { exitCode, signal }: Extract<ProveMessage, { kind: 'bb-failed' }>,
  { stdoutTail, stderrTail }: ProcessResult,
): ProcessResult {
  const end =
    signal === null ? { ended: 'crash' as const, exitCode: exitCode ?? -1 } : { ended: 'signal' as const, signal }
  return { ...end, stdoutTail, stderrTail }
}
