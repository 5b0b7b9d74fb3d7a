import { expect, test } from 'vitest'
import { paymentsCircuits as circuits } from '../../kinds/payments/circuits.ts'
import { toFields } from '../../kinds/payments/statement-fields.ts'
import { assertSrsAllowed } from '../../protocol/proof/srs.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import { simulated } from '../../provers/simulated/backend.ts'
import { createSimulatedProver } from '../../provers/simulated/prover.ts'
import { createSimulatedVerifier } from '../../provers/simulated/verifier.ts'

const MINER = '0x00000000000000000000000000000000000000aA'
const word = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const statement = (oldBatchNum: number): Statement => ({
  oldStateRoot: word(oldBatchNum + 1),
  newStateRoot: word(oldBatchNum + 2),
  oldAccInputHash: word(oldBatchNum + 101),
  newAccInputHash: word(oldBatchNum + 102),
  oldBatchNum,
  newBatchNum: oldBatchNum + 1,
  chainId: '1000',
  forkId: '1',
})
const joined: Statement = { ...statement(0), newStateRoot: word(3), newAccInputHash: word(103), newBatchNum: 2 }

const prover = createSimulatedProver({ circuits, stageMs: { batch: 0, aggregate: 0, final: 0 } })
const { verify } = createSimulatedVerifier({ circuits })
const options = { signal: new AbortController().signal, onProgress: () => {} }
const json = (value: object) => new TextEncoder().encode(JSON.stringify(value))

const batch = (n: number) =>
  prover.prove({ stage: 'batch', input: json({ statement: toFields(statement(n), word(0)) }), children: [] }, options)

test('a proof of each stage verifies for its claim and for no other', async () => {
  const batches = await Promise.all([batch(0), batch(1)])
  const children = batches.map(({ proof }) => proof)
  const aggregate = await prover.prove({ stage: 'aggregate', input: new Uint8Array(), children }, options)
  const final = await prover.prove(
    { stage: 'final', input: json({ miner: MINER }), children: [aggregate.proof] },
    options,
  )

  expect(await verify({ stage: 'batch', statement: statement(1), proof: batches[1].proof })).toBe(true)
  expect(await verify({ stage: 'batch', statement: statement(0), proof: batches[1].proof })).toBe(false)
  expect(await verify({ stage: 'aggregate', statement: joined, proof: aggregate.proof })).toBe(true)
  expect(await verify({ stage: 'final', statement: joined, miner: MINER, proof: final.proof })).toBe(true)
  expect(await verify({ stage: 'final', statement: joined, miner: `0x${'11'.repeat(20)}`, proof: final.proof })).toBe(
    false,
  )
  expect(await verify({ stage: 'final', statement: joined, miner: MINER, proof: new Uint8Array() })).toBe(false)
})

test('a proof that is made again has other bytes', async () => {
  const [one, other] = [await batch(0), await batch(0)]
  expect(Buffer.from(one.proof).equals(other.proof)).toBe(false)
})

test('is refused where coins are worth something', () => {
  expect(() => assertSrsAllowed(createSimulatedVerifier({ circuits }).srs, 1)).toThrow(
    'chain 1 is not a development chain',
  )
})

test('a stage takes as long as the configuration says', async () => {
  const times = { batchMs: 400, aggregateMs: 0, finalMs: 0 }
  const machine = { name: 'machine-1', concurrency: 1, simulated: times }
  const scaled = await simulated.createProver(circuits, { configFolder: '/', artifacts: {}, prover: machine })
  const input = json({ statement: toFields(statement(0), word(0)) })
  const { durationMs } = await scaled.prove({ stage: 'batch', input, children: [] }, options)
  expect(durationMs).toBeGreaterThanOrEqual(399) // it is longer than by default
})
