import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stage } from '../../protocol/proof/task.ts'
import { bbEnvironment, VERIFIER_TARGET } from '../../provers/noir/bb.ts'
import { type ProcessResult, runProcess } from '../../provers/noir/run-process.ts'
import { SetupStepError } from './errors.ts'

// The largest key takes 10 s; a download of the canonical reference string may come before it.
const TIMEOUT_MS = 30 * 60_000

export interface BbTools {
  bb: string
  crsDir: string
  signal: AbortSignal
}

/** Makes the verification key of a compiled circuit. Tells `bb`'s hash of it, too, and the circuit's size in gates. */
export async function makeKey(
  tools: BbTools,
  stage: Stage,
  programPath: string,
): Promise<{ key: Buffer; hash: Buffer; gates: number }> {
  const out = await mkdtemp(join(tmpdir(), 'zkpow-key-'))
  try {
    await runBb(tools, ['write_vk', '-b', programPath, '-o', out, '-t', VERIFIER_TARGET[stage]])
    const gates = await runBb(tools, ['gates', '-b', programPath, '-t', VERIFIER_TARGET[stage]])
    return {
      key: await readFile(join(out, 'vk')),
      hash: await readFile(join(out, 'vk_hash')),
      gates: parseGates(gates),
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/**
 * Writes the Solidity source that verifies proofs under a final key: the template in assembly, which takes less than
 * half the gas of the other and no library.
 */
export async function writeSolidityVerifier(tools: BbTools, keyPath: string, outPath: string): Promise<void> {
  await runBb(tools, [
    'write_solidity_verifier',
    '-k',
    keyPath,
    '-o',
    outPath,
    '-t',
    VERIFIER_TARGET.final,
    '--optimized',
  ])
}

async function runBb({ bb, crsDir, signal }: BbTools, args: string[]): Promise<ProcessResult> {
  const result = await runProcess({
    file: bb,
    args,
    env: bbEnvironment({ crsDir, threads: availableParallelism() }),
    signal,
    timeoutMs: TIMEOUT_MS,
  })
  if (result.ended === 'ok') return result
  if (result.ended === 'aborted') throw signal.reason
  throw new SetupStepError(`\`bb ${args[0]}\` failed (${result.ended}): ${result.stderrTail.trim()}`, {
    remedy:
      'if it could not download the reference string, connect to the internet, or set ZKPOW_SRS=development for a development chain.',
  })
}

/** Reads what `bb gates` writes: JSON with one entry a function, of which ours have one. */
function parseGates({ stdoutTail }: ProcessResult): number {
  const gates = /"circuit_size":\s*(\d+)/.exec(stdoutTail)?.[1]
  if (gates === undefined) throw new SetupStepError('`bb gates` told no circuit size.')
  return Number(gates)
}
