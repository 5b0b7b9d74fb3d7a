import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  PublicClient,
} from 'viem'
import type { Pin } from '../endpoints/endpoints.ts'
import { isTimeout } from '../endpoints/redact.ts'

/**
 * Questions in one call. Their answers, of seven words at the most, come back as the code of a contract that nobody
 * deploys, which may have 24,576 bytes (EIP-170).
 */
const AT_ONCE = 64

/** So few are asked one by one. */
const FEW = 3

/** How long an endpoint that refuses such calls isn't asked by one, ms: it may have been an outage. */
const REFUSED_MS = 600_000

type View<abi extends Abi> = ContractFunctionName<abi, 'pure' | 'view'>

/** When each endpoint last refused, by its client. */
const refusedAtMs = new WeakMap<PublicClient, number>()

/**
 * Reads what a function of a contract answers to each of these arguments, in as few calls as their answers fit in: code
 * that asks for all of them is sent along with the question (multicall, which no chain need have deployed). An endpoint
 * that doesn't carry it out, or where one of the questions fails, is asked one by one.
 */
export async function readEach<const abi extends Abi, name extends View<abi>>(
  client: PublicClient,
  pin: Pin,
  {
    argsOfEach,
    ...question
  }: {
    address: Address
    abi: abi
    functionName: name
    argsOfEach: readonly ContractFunctionArgs<abi, 'pure' | 'view', name>[]
  },
): Promise<ContractFunctionReturnType<abi, 'pure' | 'view', name>[]> {
  type Answer = ContractFunctionReturnType<abi, 'pure' | 'view', name>
  const contracts = argsOfEach.map((args) => ({ ...question, args }))
  const ask = (some: typeof contracts) =>
    Promise.all(some.map((one) => client.readContract({ ...pin, ...one } as never) as Promise<Answer>))
  const askTogether = async (some: typeof contracts) => {
    const parts = Array.from({ length: Math.ceil(some.length / AT_ONCE) }, (_, i) => i * AT_ONCE)
    const answers = parts.map((from) =>
      client.multicall({
        ...{ ...pin, deployless: true, allowFailure: false, batchSize: 0 },
        contracts: some.slice(from, from + AT_ONCE) as never[],
      }),
    )
    return (await Promise.all(answers)).flat() as Answer[]
  }
  const noteRefusal = () => refusedAtMs.set(client, performance.now())
  const askAgain = async (error: unknown): Promise<Answer[]> => {
    if (isTimeout(error)) {
      noteRefusal()
      throw error // any other question would take as long again
    }
    const first = await ask(contracts.slice(0, 1)) // who can't answer this one answers none
    const rest = contracts.slice(1)
    // Of several nodes behind one address, it was perhaps one that hadn't the block yet.
    const others = await askTogether(rest).catch(() => undefined)
    if (others !== undefined) return [...first, ...others]
    const alone = await ask(rest)
    noteRefusal()
    return [...first, ...alone]
  }
  if (contracts.length <= FEW || hasRefused(client)) return ask(contracts)
  return askTogether(contracts).catch(askAgain)
}

const hasRefused = (client: PublicClient): boolean =>
  performance.now() - (refusedAtMs.get(client) ?? Number.NEGATIVE_INFINITY) < REFUSED_MS
