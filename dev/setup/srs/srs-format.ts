/** A structured reference string that keys and proofs can be made with. */
export interface Srs {
  name: string
  /** Whether its secret is known. */
  isDevelopment: boolean
  /** [τ]₂ as in `bn254_g2.dat`: x.c0, x.c1, y.c0, y.c1, 32 bytes each, big-endian. */
  g2: Buffer
}

/** An affine G1 point in `bn254_g1.dat`: x then y, big-endian. */
export const POINT_BYTES = 64

const g2 = (words: string[]): Buffer => Buffer.from(words.join(''), 'hex')

/** Aztec's Ignition ceremony, the string that `bb` downloads by itself and whose [τ]₂ it has compiled in. */
export const CANONICAL_SRS: Srs = {
  name: 'canonical-ignition',
  isDevelopment: false,
  g2: g2([
    '0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0',
    '260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1',
    '22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55',
    '04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4',
  ]),
}

/** Made on the spot from τ = 5, for development chains only: its name is part of everything that is made with it. */
export const DEVELOPMENT_SRS: Srs = {
  name: 'development-tau5',
  isDevelopment: true,
  // The point is 5 times the G2 generator of EIP-197.
  g2: g2([
    '2e539c423b302d13f4e5773c603948eaf5db5df8ae8a9a9113708390a06410d8',
    '0a09ccf561b55fd99d1c1208dee1162457b57ac5af3759d50671e510e428b2a1',
    '2f8d9f9ab83727c77a2fec063cb7b6e5eb23044ccf535ad49d46d394fb6f6bf6',
    '19b763513924a736e4eebd0d78c91c1bc1d657fee4214057d21414011cfcc763',
  ]),
}
