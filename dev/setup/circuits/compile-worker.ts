/** Thread body of compile-circuit.ts: the compiler blocks its thread and writes to the console. */
import { parentPort, workerData } from 'node:worker_threads'
import { compile_program, createFileManager } from '@noir-lang/noir_wasm'

export interface CompileRequest {
  /** Folder that holds the packages. */
  root: string
  /** The package to compile. */
  packageDir: string
}

/** What is kept of a compiled program: debug symbols would carry the paths of the machine that compiled it. */
export interface CompiledProgram {
  noir_version: string
  hash: string
  abi: unknown
  bytecode: string
}

const silent = () => undefined
const { root, packageDir } = workerData as CompileRequest
const { program } = await compile_program(createFileManager(root), packageDir, silent, silent)
const { noir_version, hash, abi, bytecode } = program
parentPort?.postMessage({ noir_version, hash: String(hash), abi, bytecode } satisfies CompiledProgram)
