import { concatHex, type Hex, sha256, toHex, zeroHash } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import { DATA_BYTES } from '../../kinds/payments/transfer.ts'
import { BN254_SCALAR_FIELD, proofHash, word } from '../../protocol/proof/public-input.ts'
import type { GasChain, Person, Sent } from './chain.ts'
import { type GasRollup, STAKE, WINDOWS } from './contracts.ts'

const { commitBlocks: T1, proveBlocks: T2, lateProofBlocks: LATE } = WINDOWS

/** Hears what was done, in words for a table, and what it took. */
export type Record = (step: string, sent: Sent) => void

interface Posted {
  init: number
  final: number
}

/**
 * Plays a rollup from its first deposit on: two proved sequences, one that nobody proves at first, one of more batches.
 */
export class RollupLife {
  private readonly chain: GasChain
  private readonly rollup: GasRollup
  private readonly record: Record
  private readonly bytes = new Map<string, Hex>()
  private last = 0

  constructor(chain: GasChain, rollup: GasRollup, record: Record) {
    this.chain = chain
    this.rollup = rollup
    this.record = record
  }

  async run(batchesOfLong: number): Promise<void> {
    for (const miner of ['alice', 'bob', 'carol'] as const) {
      this.note(miner === 'carol' ? 'first deposit of a miner' : null, await this.deposit(miner))
    }
    this.note('later deposit', await this.deposit('bob'))
    await this.proved(false)
    await this.proved(true)
    await this.expired()
    await this.post(batchesOfLong, `sequence of ${batchesOfLong} batches`)
    await this.post(1, 'sequence of 1 batch after it')
  }

  /**
   * Has all commit, two prove, and all settled. The first sequence of a contract makes slots that no other does, and
   * isn't recorded.
   */
  private async proved(isRecorded: boolean): Promise<void> {
    const named = (step: string) => (isRecorded ? step : null)
    const sequence = await this.post(1, named('sequence of 1 batch'))
    await this.commit('alice', sequence, named('commit that opens a round'))
    await this.commit('bob', sequence, named('commit that joins a round'))
    await this.commit('carol', sequence, null)
    await this.chain.pass(T1 - 2)
    await this.prove('alice', sequence, named('first proof'))
    await this.prove('bob', sequence, named('late proof'))
    await this.chain.pass(Math.max(T2, LATE))
    if (this.rollup.generation === '2023') return
    await this.claim('alice', sequence, named('claim with its settlement'))
    await this.settle('bob', sequence, named('settlement of a share'))
    await this.claim('bob', sequence, named('claim of what is settled'))
    await this.settle('carol', sequence, named('settlement without a proof'))
  }

  /** Has a miner prove only after a round in which nobody did. */
  private async expired(): Promise<void> {
    const sequence = await this.post(1, null)
    await this.commit('alice', sequence, null)
    await this.commit('bob', sequence, null)
    await this.chain.pass(T1 + T2)
    await this.commit('alice', sequence, 'commit after an expired one')
    if (this.rollup.generation === 'ours') await this.settle('bob', sequence, 'settlement of a penalty')
    await this.chain.pass(T1)
    await this.prove('alice', sequence, 'proof alone in its round')
  }

  private async deposit(miner: Person): Promise<Sent> {
    return this.chain.send(miner, this.rollup.deposit(STAKE))
  }

  private async post(count: number, step: string | null): Promise<Posted> {
    const { timestamp } = await this.chain.client.getBlock()
    const batches = Array.from({ length: count }, (_, i) => ({
      transactions: dataOf(this.last + i),
      ...{ globalExitRoot: zeroHash, timestamp, minForcedTimestamp: 0n },
    }))
    const call = this.rollup.call('sequenceBatches', [batches, this.chain.address('sequencer')])
    this.note(step, await this.chain.send('sequencer', call))
    const init = this.last
    this.last += count
    return { init, final: this.last }
  }

  private async commit(miner: Person, sequence: Posted, step: string | null): Promise<void> {
    const proof = await this.newProof(miner, sequence)
    const hash = proofHash(proof, this.chain.address(miner))
    const call = this.rollup.call('submitProofHash', [BigInt(sequence.init), BigInt(sequence.final), hash])
    this.note(step, await this.chain.send(miner, call))
  }

  private async prove(miner: Person, { init, final }: Posted, step: string | null): Promise<void> {
    const args = [BigInt(init), BigInt(final), zeroHash, rootAfter(final), this.bytes.get(miner) ?? '0x']
    this.note(step, await this.chain.send(miner, this.rollup.call('verifyBatches', args)))
  }

  private async claim(miner: Person, { final }: Posted, step: string | null): Promise<void> {
    this.note(step, await this.chain.send(miner, this.rollup.call('claim', [[BigInt(final)]])))
  }

  private async settle(miner: Person, { final }: Posted, step: string | null): Promise<void> {
    const call = this.rollup.call('settle', [BigInt(final), this.chain.address(miner)])
    this.note(step, await this.chain.send('stranger', call))
  }

  /** Makes what the simulated verifier takes from this miner: the public input, and something of its own. */
  private async newProof(miner: Person, { init, final }: Posted): Promise<Hex> {
    const packed = await this.chain.client.readContract({
      ...{ address: this.rollup.address, abi: rollupAbi, functionName: 'getInputSnarkBytes' },
      args: [BigInt(init), BigInt(final), zeroHash, await this.rootBefore(init), rootAfter(final)],
      account: this.chain.address(miner),
    })
    const proof = concatHex([word(BigInt(sha256(packed)) % BN254_SCALAR_FIELD), toHex(this.bytes.size, { size: 4 })])
    this.bytes.set(miner, proof)
    return proof
  }

  /** Reads the root from the contract: sequences are committed to when those before them are verified. */
  private rootBefore(init: number): Promise<Hex> {
    const at = { address: this.rollup.address, abi: rollupAbi } as const
    return this.chain.client.readContract({ ...at, functionName: 'batchNumToStateRoot', args: [BigInt(init)] })
  }

  private note(step: string | null, sent: Sent): void {
    if (step !== null) this.record(step, sent)
  }
}

const rootAfter = (batch: number): Hex => toHex(1_000 + batch, { size: 32 })

/** Makes data without zero bytes: signed transfers have hardly any, and calldata is paid by that. */
const dataOf = (batch: number): Hex =>
  toHex(Uint8Array.from({ length: DATA_BYTES }, (_, i) => 1 + ((i * 31 + batch * 17) % 255)))
