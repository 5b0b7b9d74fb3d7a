import {
  BlockNotFoundError,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  HttpRequestError,
  RpcRequestError,
  TimeoutError,
} from 'viem'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { ContractRevertedError, NoContractError, RpcUnavailableError } from '../errors.ts'

/** JSON-RPC codes under which nodes report a revert: 3 is geth's, -32015 that of Nethermind and Parity. */
const REVERT_CODES = [3, -32015]

/** Besu, Erigon and older geth report a revert as -32000 with only this text to tell it by. */
const REVERT_TEXT = /^(vm )?execution reverted/i

/**
 * Turns what a client of an endpoint threw into an error of ours. The original is dropped, not kept as cause: its
 * message and fields hold the address with path and query, headers and the request's body.
 * @param endpoint what people may read of the endpoint.
 */
export function toChainError(error: unknown, endpoint: string): RetryableError | FatalError {
  if (error instanceof RetryableError || error instanceof FatalError) return error
  const functionName = find(error, ContractFunctionExecutionError)?.functionName
  if (find(error, ContractFunctionZeroDataError)) return new NoContractError({ endpoint, functionName })
  const rpc = find(error, RpcRequestError)
  if (rpc && isRevert(rpc)) {
    return new ContractRevertedError({
      endpoint,
      functionName,
      errorName: find(error, ContractFunctionRevertedError)?.data?.errorName,
    })
  }
  if (rpc) return new RpcUnavailableError({ endpoint, reason: `JSON-RPC error ${rpc.code}`, rpcCode: rpc.code })
  return new RpcUnavailableError({ endpoint, ...transportFault(error) })
}

function transportFault(error: unknown): { reason: string; httpStatus?: number | undefined } {
  if (isTimeout(error)) return { reason: 'it took too long' }
  if (find(error, BlockNotFoundError)) return { reason: 'it has no such block' }
  const http = find(error, HttpRequestError)
  if (http?.status !== undefined) return { reason: `HTTP status ${http.status}`, httpStatus: http.status }
  return { reason: http ? 'the connection failed' : 'the answer has a form that was not expected' }
}

/** Tells whether a client waited for an answer in vain. */
export const isTimeout = (error: unknown): boolean =>
  causes(error).some(
    (cause) => cause instanceof TimeoutError || (cause instanceof Error && cause.name === 'TimeoutError'),
  )

export function isRevert(rpc: RpcRequestError): boolean {
  return REVERT_CODES.includes(rpc.code) || (rpc.code === -32000 && REVERT_TEXT.test(rpc.details))
}

function find<T>(error: unknown, type: abstract new (...args: never[]) => T): T | undefined {
  return causes(error).find((cause): cause is T => cause instanceof type)
}

/** Lists the error and what it wraps, outermost first. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (
    let at = error;
    at !== undefined && at !== null && !chain.includes(at);
    at = at instanceof Error ? at.cause : undefined
  )
    chain.push(at)
  return chain
}
