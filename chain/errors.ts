import { FatalError, RetryableError } from '../protocol/base/errors.ts'

/**
 * An endpoint gave no usable answer. Carries numbers only: what an endpoint says in words may hold what must not be
 * shown.
 */
export class RpcUnavailableError extends RetryableError {
  override readonly name = 'RpcUnavailableError'
  readonly code = 'ZKPOW-CHAIN-001'
  /** Status of the HTTP answer, if one came. */
  readonly httpStatus: number | undefined
  /** Code of the JSON-RPC error, if one came. */
  readonly rpcCode: number | undefined
  private readonly endpoint: string
  private readonly reason: string

  constructor(p: { endpoint: string; reason: string; httpStatus?: number | undefined; rpcCode?: number | undefined }) {
    super(`${p.endpoint} gave no usable answer: ${p.reason}.`, {
      remedy: 'see that the endpoint runs and is synced, or name more of them.',
    })
    this.endpoint = p.endpoint
    this.reason = p.reason
    this.httpStatus = p.httpStatus
    this.rpcCode = p.rpcCode
  }

  /** One for several endpoints; the numbers are the first one's. */
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

/** Fewer endpoints than asked for gave the same answer, so none is believed. */
export class EndpointsDisagreeError extends RetryableError {
  override readonly name = 'EndpointsDisagreeError'
  readonly code = 'ZKPOW-CHAIN-002'

  constructor(p: { what: string; agreement: number; answers: number; endpoints: number }) {
    super(`${p.agreement} endpoints must agree on ${p.what}; ${p.answers} of ${p.endpoints} answered, and not alike.`, {
      remedy: 'see which endpoint is behind or on another fork.',
    })
  }
}

/** An endpoint serves another chain. */
export class WrongChainIdError extends FatalError {
  override readonly name = 'WrongChainIdError'
  readonly code = 'ZKPOW-CHAIN-003'

  constructor(p: { endpoint: string; expected: number; actual: number }) {
    super(`${p.endpoint} serves chain ${p.actual}; the configuration says ${p.expected}.`, {
      remedy: 'correct the chain id or the address of this endpoint.',
    })
  }
}

/** A call of a contract reverted. */
export class ContractRevertedError extends FatalError {
  override readonly name = 'ContractRevertedError'
  readonly code = 'ZKPOW-CHAIN-004'
  /** Name of the custom error, where the ABI knows it. */
  readonly errorName: string | undefined

  constructor(p: { endpoint: string; functionName: string | undefined; errorName: string | undefined }) {
    super(
      `${p.functionName ?? 'A call'} reverted at ${p.endpoint}${p.errorName === undefined ? '' : `: ${p.errorName}`}.`,
    )
    this.errorName = p.errorName
  }
}

/** There is no contract at the address, or one that knows nothing of the function. */
export class NoContractError extends FatalError {
  override readonly name = 'NoContractError'
  readonly code = 'ZKPOW-CHAIN-005'

  constructor(p: { endpoint: string; functionName: string | undefined }) {
    super(`The contract's address gave an empty answer to ${p.functionName ?? 'a call'} at ${p.endpoint}.`, {
      remedy: "correct the contract's address or its chain in the configuration.",
    })
  }
}

/** A setting of a chain or an account can't be used. */
export class InvalidChainConfigError extends FatalError {
  override readonly name = 'InvalidChainConfigError'
  readonly code = 'ZKPOW-CHAIN-006'
}

/** The miner's key can't be had. The message never contains any of it. */
export class MinerKeyError extends FatalError {
  override readonly name = 'MinerKeyError'
  readonly code = 'ZKPOW-CHAIN-007'
}

/** The contract doesn't tell its first state. */
export class GenesisMissingError extends FatalError {
  override readonly name = 'GenesisMissingError'
  readonly code = 'ZKPOW-CHAIN-008'
}

/** The chain moved between two reads that belong together. */
export class ChainMovedError extends RetryableError {
  override readonly name = 'ChainMovedError'
  readonly code = 'ZKPOW-CHAIN-009'

  constructor(what: string) {
    super(what, {
      remedy: 'nothing, the next look reads again; if it stays so, an endpoint answers from two states: remove it.',
    })
  }
}

/** An intent can't be turned into a transaction. */
export class InvalidIntentError extends FatalError {
  override readonly name = 'InvalidIntentError'
  readonly code = 'ZKPOW-CHAIN-010'

  constructor(what: string) {
    super(what, { remedy: 'terminate the sender workflow: the sequences hand over anew what they need.' })
  }
}

/** A call of ours would revert, so no transaction of it is signed. */
export class WouldRevertError extends RetryableError {
  override readonly name = 'WouldRevertError'
  readonly code = 'ZKPOW-CHAIN-011'

  constructor(why: string) {
    super(`it would revert: ${why}`, {
      remedy: 'nothing, it is tried at each block; what the contract says tells who can end it.',
    })
  }
}

/** A call of ours takes more gas than a transaction may have. */
export class GasAboveLimitError extends RetryableError {
  override readonly name = 'GasAboveLimitError'
  readonly code = 'ZKPOW-CHAIN-012'

  constructor(p: { neededGas: bigint; mostGas: bigint }) {
    super(`it takes ${p.neededGas} gas, and a transaction may have ${p.mostGas}`, {
      remedy: "raise the chain's maxGas, unless it is the gas limit of the chain's blocks that is too low.",
    })
  }
}

/** No endpoint tells what a call of ours takes. */
export class GasUnknownError extends RetryableError {
  override readonly name = 'GasUnknownError'
  readonly code = 'ZKPOW-CHAIN-013'

  constructor() {
    super('no endpoint tells what gas it takes', {
      remedy: 'name an endpoint that has eth_simulateV1, or eth_estimateGas for "pending".',
    })
  }
}

/** Endpoints take no transaction of ours that offers even the base fee. */
export class FeeCapTooLowError extends RetryableError {
  override readonly name = 'FeeCapTooLowError'
  readonly code = 'ZKPOW-CHAIN-014'

  constructor(p: { gas: bigint; baseFeePerGas: bigint; feeCapWei: bigint }) {
    super(
      `its ${p.gas} gas at a base fee of ${p.baseFeePerGas} wei cost more than the ${p.feeCapWei} wei that endpoints take`,
      {
        remedy: 'raise the fee cap of the nodes (geth: --rpc.txfeecap), or name other endpoints.',
      },
    )
  }
}
