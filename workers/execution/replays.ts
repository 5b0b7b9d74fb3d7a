import type { Hex } from '../../protocol/base/ranges.ts'
import type { StateId } from '../../protocol/proof/replay.ts'
import type {
  DeploymentIds,
  ExecutedBatch,
  ExecutionRules,
  FirstState,
  KindDefinition,
  PostedBatch,
  RollupState,
} from '../../protocol/proof/rollup-kind.ts'

/** States that nobody works on and that are kept in memory for who goes on from them: so many, whosever they are. */
const KEPT = 8

/** A kind's rules, by the file that exports it. */
type LoadKind = (module: string) => Promise<ExecutionRules>

/** What the thread that executes batches is asked for. Values are copied on their way in and out. */
export type ThreadCalls = ReturnType<typeof createReplays>

/**
 * Keeps the states that are worked on, by the number of their replay, and the last ones that were. So the tree of a
 * state is made of bytes once, however many sequences follow.
 */
export function createReplays(loadKind: LoadKind = importKind) {
  const states = new Map<number, RollupState>()
  const kept = new Map<string, RollupState>()

  const keep = (key: string, state: RollupState) => {
    kept.delete(key)
    kept.set(key, state)
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
  }

  const stateOf = (replay: number): RollupState => {
    const state = states.get(replay)
    if (state === undefined) throw new Error(`There is no replay ${replay} in this thread.`)
    return state
  }

  return {
    /** Makes the state before batch 1, which a replay finds in memory then. */
    async genesis({ module, first }: { module: string; first: FirstState }): Promise<RollupState> {
      const state = (await loadKind(module)).genesis(first)
      keep(keyOf(module, state), state)
      return { ...idOf(state), snapshot: state.snapshot }
    },

    /** @returns false when the state isn't in memory, and no bytes of it are given. */
    async start(p: { module: string; replay: number; from: StateId; snapshot?: Uint8Array }): Promise<boolean> {
      const key = keyOf(p.module, p.from)
      const { snapshot } = p
      const state = kept.get(key) ?? (snapshot && { ...p.from, snapshot })
      if (state === undefined) return false
      kept.delete(key)
      states.set(p.replay, state)
      return true
    },

    async decode({ module, replay, calldata }: { module: string; replay: number; calldata: Hex }) {
      const kind = await loadKind(module)
      const batches = kind.decodeSequence(calldata)
      const { accInputHash } = stateOf(replay)
      return {
        batches,
        accInputHash: batches.reduce((hash, batch) => kind.chainAccInputHash(hash, batch), accInputHash),
      }
    },

    async execute(p: {
      module: string
      replay: number
      batch: PostedBatch
      ids: DeploymentIds
    }): Promise<Omit<ExecutedBatch, 'after'> & { after: StateId }> {
      const kind = await loadKind(p.module)
      const { statement, input, after } = await kind.executeBatch(stateOf(p.replay), p.batch, p.ids)
      if (states.has(p.replay)) states.set(p.replay, after) // else it has ended meanwhile
      return { statement, input, after: idOf(after) }
    },

    async snapshot({ replay }: { replay: number }): Promise<Uint8Array> {
      return stateOf(replay).snapshot
    },

    async end({ module, replay }: { module: string; replay: number }): Promise<void> {
      const state = states.get(replay)
      if (state !== undefined) keep(keyOf(module, state), state)
      states.delete(replay)
    },
  }
}

const idOf = ({ batchNum, stateRoot, accInputHash }: StateId): StateId => ({ batchNum, stateRoot, accInputHash })

const keyOf = (module: string, { batchNum, stateRoot, accInputHash }: StateId): string =>
  [module, batchNum, stateRoot, accInputHash].join(' ')

async function importKind(module: string): Promise<KindDefinition<unknown>> {
  const exported: Record<string, unknown> = await import(module)
  const kind = Object.values(exported).find((one) => isKindOf(module, one))
  if (kind === undefined) throw new Error(`${module} exports no kind that names it as its module.`)
  return kind as KindDefinition<unknown>
}

const isKindOf = (module: string, value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'module' in value && value.module === module
