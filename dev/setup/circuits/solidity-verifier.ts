import { SetupStepError } from '../errors.ts'
import { CANONICAL_SRS, type Srs } from '../srs/srs-format.ts'

/**
 * Makes the generated verifier one of the given reference string: replaces the canonical [τ]₂ under a development
 * string, and gives the contract a public constant `SRS_NAME`, so that anybody can read on chain what a verifier
 * trusts.
 * @param source what `bb write_solidity_verifier` wrote.
 */
export function specialiseVerifier(source: string, srs: Srs): string {
  const from = evmWords(CANONICAL_SRS)
  const to = evmWords(srs)
  const replaced = from.reduce((text, word, i) => replaceOnce(text, word, to[i] as string), source)
  const contract = 'contract HonkVerifier is IVerifier {\n'
  const constant = `    /// Structured reference string of the verification key.\n    string public constant SRS_NAME = "${srs.name}";\n\n`
  return replaceOnce(replaced, contract, contract + constant)
}

/**
 * Orders the words for the EVM, which takes the imaginary part of a G2 coordinate first (EIP-197). The file has it
 * last.
 */
function evmWords({ g2 }: Srs): string[] {
  return [1, 0, 3, 2].map((i) => `0x${g2.subarray(i * 32, (i + 1) * 32).toString('hex')}`)
}

function replaceOnce(text: string, part: string, replacement: string): string {
  const pieces = text.split(part)
  if (pieces.length !== 2) {
    throw new SetupStepError(
      `The generated Solidity verifier holds "${part.trim()}" ${pieces.length - 1} times instead of once.`,
      {
        remedy:
          'use the pinned version of @aztec/bb.js, or follow the new form of its verifier (dev/setup/circuits/solidity-verifier.ts).',
      },
    )
  }
  return pieces.join(replacement)
}
