import { FatalError, RetryableError } from '../protocol/base/errors.ts'

/**
 * An endpoint gave no usable answer. It carries numbers only: what an endpoint says in words may hold what must not be
 * shown.
 */
export class RpcUnavailableError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-RPC-UNAVAILABLE',
    happened: 'An endpoint gave no usable answer.',
    remedy: 'see that the endpoint runs and is synced, or name more of them.',
  }
  override readonly name = 'RpcUnavailableError'
  /** Status of the HTTP answer, if one came. */
  readonly httpStatus: number | undefined
  /** Code of the JSON-RPC error, if one came. */
  readonly rpcCode: number | undefined
  private readonly endpoint: string
  private readonly reason: string

  constructor(p: { endpoint: string; reason: string; httpStatus?: number | undefined; rpcCode?: number | undefined }) {
    super(`${p.endpoint} gave no usable answer: ${p.reason}.`)
    this.endpoint = p.endpoint
    this.reason = p.reason
    this.httpStatus = p.httpStatus
    this.rpcCode = p.rpcCode
  }

  /** Makes one of several endpoints' failures; the numbers are the first one's. */
  static ofAll(failures: readonly RpcUnavailableError[]): RpcUnavailableError {
    const [first, ...others] = failures
    const reason = [first?.reason, ...others.map((other) => `${other.endpoint}: ${other.reason}`)].join('; ')
    return new RpcUnavailableError({
      endpoint: first?.endpoint ?? 'an endpoint',
      reason,
      httpStatus: first?.httpStatus,
      rpcCode: first?.rpcCode,
    })
  }
}

export class EndpointsDisagreeError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-ENDPOINTS-DISAGREE',
    happened: 'Fewer endpoints than asked for gave the same answer, so none is believed.',
    remedy: 'see which endpoint is behind or on another fork.',
  }
  override readonly name = 'EndpointsDisagreeError'

  constructor(p: { what: string; agreement: number; answers: number; endpoints: number }) {
    super(`${p.agreement} endpoints must agree on ${p.what}; ${p.answers} of ${p.endpoints} answered, and not alike.`)
  }
}

export class WrongChainIdError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-WRONG-ID',
    happened: 'An endpoint serves another chain than the configuration says.',
    remedy: 'correct the chain id or the address of this endpoint.',
  }
  override readonly name = 'WrongChainIdError'

  constructor(p: { endpoint: string; expected: number; actual: number }) {
    super(`${p.endpoint} serves chain ${p.actual}; the configuration says ${p.expected}.`)
  }
}

export class ContractRevertedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-REVERTED',
    happened: 'A call that reads from a contract reverted.',
    remedy:
      "see that the contract's address and its chain are right; the name of the error, where one is given, is the contract's word.",
  }
  override readonly name = 'ContractRevertedError'
  /** Name of the custom error, where the ABI knows it. */
  readonly errorName: string | undefined

  constructor(p: { endpoint: string; functionName: string | undefined; errorName: string | undefined }) {
    super(
      `${p.functionName ?? 'A call'} reverted at ${p.endpoint}${p.errorName === undefined ? '' : `: ${p.errorName}`}.`,
    )
    this.errorName = p.errorName
  }
}

export class NoContractError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-NO-CONTRACT',
    happened: 'There is no contract at the address, or one that knows nothing of the function.',
    remedy: "correct the contract's address or its chain in the configuration.",
  }
  override readonly name = 'NoContractError'

  constructor(p: { endpoint: string; functionName: string | undefined }) {
    super(`The contract's address gave an empty answer to ${p.functionName ?? 'a call'} at ${p.endpoint}.`)
  }
}

export class InvalidChainConfigError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-CHAIN',
    happened: "A setting of a chain can't be used: the address of an endpoint, or how many endpoints must agree.",
    remedy: 'correct the setting that is named.',
  }
  override readonly name = 'InvalidChainConfigError'
}

export class MinerKeyError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-MINER-KEY',
    happened: "A miner's private key isn't one. The message never contains any of it.",
    remedy: 'set the environment variable that the account names.',
  }
  override readonly name = 'MinerKeyError'
}

export class GenesisMissingError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-GENESIS-MISSING',
    happened: "The contract doesn't tell its first state in the blocks that were searched.",
    remedy:
      'set rollups.….deployedAtBlock to a block that is not after the deployment, or name a file in rollups.….genesisFile.',
  }
  override readonly name = 'GenesisMissingError'
}

export class ChainMovedError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CHAIN-MOVED',
    happened: 'The chain moved between two reads that belong together.',
    remedy: 'nothing, the next look reads again; if it stays so, an endpoint answers from two states: remove it.',
  }
  override readonly name = 'ChainMovedError'
}

export class InvalidIntentError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-TX-INVALID-INTENT',
    happened: "What a sequence asked its sender for can't be turned into a transaction.",
    remedy: 'terminate the sender workflow: the sequences hand over anew what they need.',
  }
  override readonly name = 'InvalidIntentError'
}

export class WouldRevertError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-TX-WOULD-REVERT',
    happened: 'A call of ours would revert, so no transaction of it is signed.',
    remedy: 'nothing, it is tried at each block; what the contract says tells who can end it.',
  }
  override readonly name = 'WouldRevertError'

  constructor(why: string) {
    super(`it would revert: ${why}`)
  }
}

export class GasAboveLimitError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-TX-GAS-ABOVE-LIMIT',
    happened: 'A call of ours takes more gas than a transaction may have.',
    remedy: "raise the chain's maxGas, unless it is the gas limit of the chain's blocks that is too low.",
  }
  override readonly name = 'GasAboveLimitError'

  constructor(p: { neededGas: bigint; mostGas: bigint }) {
    super(`it takes ${p.neededGas} gas, and a transaction may have ${p.mostGas}`)
  }
}

export class GasUnknownError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-TX-GAS-UNKNOWN',
    happened: 'No endpoint tells what gas a call of ours takes.',
    remedy: 'name an endpoint that has eth_simulateV1, or eth_estimateGas for "pending".',
  }
  override readonly name = 'GasUnknownError'

  constructor() {
    super('no endpoint tells what gas it takes')
  }
}

export class FeeCapTooLowError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-TX-FEE-CAP-TOO-LOW',
    happened: 'At the base fee, a transaction of ours costs more than endpoints take.',
    remedy: 'raise the fee cap of the nodes (geth: --rpc.txfeecap), or name other endpoints.',
  }
  override readonly name = 'FeeCapTooLowError'

  constructor(p: { gas: bigint; baseFeePerGas: bigint; feeCapWei: bigint }) {
    super(
      `its ${p.gas} gas at a base fee of ${p.baseFeePerGas} wei cost more than the ${p.feeCapWei} wei that endpoints take`,
    )
  }
}
