import { expect, test } from 'vitest'
import { GROUP_ORDER, multiplesOfGenerator, power, timesFive } from '../../../../dev/setup/srs/bn254.ts'

test('twice the generator is that of EIP-196', () => {
  // The sum is ecAdd((1, 2), (1, 2)), as in the test vectors of the precompile.
  expect(multiplesOfGenerator([2n])).toEqual({
    x: [1368015179489954701390400359078579693043519447331113978918064868415326638035n],
    y: [9918110051302171585080402603319702774565515993150576347155970296011118125764n],
  })
})

test('timesFive(5^k · G) ≡ 5^(k+1) · G', () => {
  const exponents = [0n, 1n, 2n, 111n, 2n ** 20n, 2n ** 21n - 2n]
  const powers = (shift: bigint) => multiplesOfGenerator(exponents.map((exponent) => power(5n, exponent + shift)))
  expect(timesFive(powers(0n))).toEqual(powers(1n))
})

test('(order - 1) · G is the generator mirrored', () => {
  const { x, y } = multiplesOfGenerator([1n, GROUP_ORDER - 1n])
  expect(x[0]).toBe(x[1])
  expect(y[0]).not.toBe(y[1])
})
