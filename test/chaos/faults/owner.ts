import type { Address, Hex } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import { confirm } from '../../../contracts/tooling/deploy-contract.ts'
import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import { type AccountClients, accountClients } from '../../../dev/payments/deploy.ts'
import type { Windows } from '../plans/windows.ts'
import type { World } from '../world/world.ts'
import { lasting, momentary, type Strike } from './fault.ts'

/** Who deployed the contracts. */
const OWNER = 0

/** Gas for any setter, and fees that outbid a market which is eight times dearer than a moment ago. */
const GAS = { gas: 300_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n }

type Owner = AccountClients['walletClient']
type Call = { address: Address; abi: typeof rollupAbi; gas: bigint }

const changesWindows = (depth: number): Windows => ({ commitBlocks: 4 + depth * 2, proveBlocks: 160 + depth * 10 })

/** The owner changes T1 and T2, whatever rounds are open: they keep their own. */
export const windowsChanged = momentary(
  {
    name: 'windows-changed',
    what: 'the owner changes T1 and T2 for rounds from now on',
    changesWindows,
  },
  async (world, planned, hit) => {
    const { commitBlocks, proveBlocks } = changesWindows(planned.depth)
    await world.chainLock.during(async () => {
      const at = { functionName: 'setProofHashCommitEpoch', args: [commitBlocks] } as const
      await asOwner(world, planned, (owner, call) => owner.writeContract({ ...call, ...at }))
      const proveAt = { functionName: 'setProofCommitEpoch', args: [proveBlocks] } as const
      await asOwner(world, planned, (owner, call) => owner.writeContract({ ...call, ...proveAt }))
    })
    hit()
    world.timeline.note(`T1 is ${commitBlocks}, T2 ${proveBlocks} for rounds from now on`)
  },
)

/** The owner stops a rollup for a while: its open rounds are void. Nobody posts meanwhile, because nobody can. */
export const contractPaused = lasting(
  { name: 'contract-paused', what: 'the owner declares an emergency, and ends it again; open rounds are void' },
  async (world, planned, hit) => {
    const release = await world.chainLock.hold()
    await asOwner(world, planned, (owner, call) =>
      owner.writeContract({ ...call, functionName: 'activateEmergencyState' }),
    )
    hit()
    return async () => {
      await asOwner(world, planned, (owner, call) =>
        owner.writeContract({ ...call, functionName: 'deactivateEmergencyState' }),
      )
      release()
    }
  },
)

async function asOwner(
  { stack, deployment }: World,
  { victim }: Strike,
  act: (owner: Owner, call: Call) => Promise<Hex>,
): Promise<void> {
  const rollup = deployment.rollups[victim % deployment.rollups.length]
  if (rollup === undefined) throw new Error('unreachable: a plan has a rollup')
  const { publicClient, walletClient } = accountClients(stack.rpcUrl, localAccount(OWNER), stack.node.chainId)
  await confirm(publicClient, await act(walletClient, { address: rollup.rollup, abi: rollupAbi, ...GAS }))
}
