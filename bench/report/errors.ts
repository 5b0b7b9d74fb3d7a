import { FatalError } from '../../protocol/base/errors.ts'

export class BenchResultError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-BENCH-RESULT',
    happened: "A file of a benchmark's results can't be read.",
    remedy: 'measure again with `npm run bench -- <name> --json <file>`, or take the file away.',
  }
  override readonly name = 'BenchResultError'

  constructor(file: string, why: string, cause?: unknown) {
    super(`${file} holds no results of a benchmark: ${why}`, { cause })
  }
}

export class BenchPlaceError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-BENCH-PLACE',
    happened:
      'Results of a benchmark have no place in docs/performance.md, or there is a place and there are no results.',
    remedy: 'put both marks where the table belongs, each on a line of its own, or take them out with the results.',
  }
  override readonly name = 'BenchPlaceError'

  constructor(p: { name: string; why: string; begin: string; end: string }) {
    super(`${p.why} (results "${p.name}", marks ${p.begin} and ${p.end})`)
  }
}
