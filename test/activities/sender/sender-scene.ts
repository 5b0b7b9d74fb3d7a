import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import type { SenderDeps } from '../../../activities/sender/sender-account.ts'
import type { Chain } from '../../../chain/create-chain.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { listUnfinalAttempts } from '../../../db/attempts/attempts.ts'
import type { Db } from '../../../db/connection/connect.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { Intent, SequenceIntent } from '../../../protocol/sender/intent.ts'
import { MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'

/** The key of account 1 of the public test mnemonic. */
const KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'

/** A round in which our hash may be proved from block 91 on. */
export const ROUND = {
  startBlock: 80,
  commitBlocks: 10,
  proveBlocks: 20,
  isVerified: false,
  lateProofDeadlineBlock: null,
}

export const toHex = (raw: Uint8Array): Hex => `0x${Buffer.from(raw).toString('hex')}`

/**
 * Proves a sequence whose hash may be committed, in a database of its own: attempts belong to the account.
 * @param changed what stands between the rollup and its chain.
 */
export async function openSender(changed: (chain: Chain) => Chain = (chain) => chain) {
  const { db }: { db: Db } = await openTestDatabase()
  const { deps: proving, contract, prove, rollup, sequence } = await openSequence(db)
  rollup.chain = changed(rollup.chain)
  const account = createMinerAccount(KEY)
  const limits = { maxFeePerGasWei: 1_000n, patienceBlocks: 3 }
  const deps: SenderDeps = { ...proving, senders: [{ chainId: 31337, chain: rollup.chain, account, limits }] }
  const finalProof = await prove()
  const intent = (): SequenceIntent => ({
    ...sequence,
    step: 'commit',
    contract: rollup.contract,
    finalProof,
    firstBlock: 101,
    lastBlock: null,
  })
  const advance = (queue: Intent[]) => createAdvanceSender(deps)({ chainId: 31337, account: account.address, queue })
  return {
    advance,
    contract,
    db,
    deps,
    intent,
    sequence,
    rows: () => listUnfinalAttempts(db, { chainId: 31337, account: MINER }),
  }
}
