import type { RollupFacts } from '../invariants/facts.ts'
import type { Windows } from '../plans/windows.ts'

/** What changes rounds of 2023, in the order of the chain. */
export type RoundEvent = { block: number } & (
  | { kind: 'hash'; to: number }
  | { kind: 'verified'; to: number }
  | { kind: 'windows'; changed: Partial<Windows> }
)

/**
 * Finds rounds by the rules of 2023, which no event names: a hash opens one where there is none, or where more than
 * T1+T2 blocks have passed since the last one's first hash and nobody has proved. The windows are those of the moment,
 * for open rounds, too.
 * @param windows at the deployment.
 */
export function roundsOf(events: readonly RoundEvent[], windows: Windows): RollupFacts['rounds'] {
  const history = [{ block: 0, ...windows }]
  const verified = new Set<number>()
  const opened: { to: number; startBlock: number }[] = []
  for (const event of events) {
    if (event.kind === 'windows') history.push({ ...latest(history), ...event.changed, block: event.block })
    else if (event.kind === 'verified') verified.add(event.to)
    else if (!verified.has(event.to) && isOver(opened, event, latest(history)))
      opened.push({ to: event.to, startBlock: event.block })
  }
  return opened.map(({ to, startBlock }) => ({ to, startBlock, ...windowsOf(startBlock, history) }))
}

const latest = <T>(all: readonly T[]): T => {
  const last = all.at(-1)
  if (last === undefined) throw new Error('unreachable: the history begins with the deployment')
  return last
}

const isOver = (
  opened: readonly { to: number; startBlock: number }[],
  { to, block }: { to: number; block: number },
  now: Windows,
) => {
  const last = opened.findLast((one) => one.to === to)
  return last === undefined || block - last.startBlock > now.commitBlocks + now.proveBlocks
}

/** Finds the windows of the first block in which its time was over: from then on a new one may take its place. */
function windowsOf(startBlock: number, history: readonly ({ block: number } & Windows)[]): Windows {
  const at = (block: number) => latest(history.filter((one) => one.block <= block))
  let last = startBlock
  while (last + 1 - startBlock <= at(last + 1).commitBlocks + at(last + 1).proveBlocks) last += 1
  const commitBlocks = Math.min(at(last + 1).commitBlocks, last - startBlock)
  return { commitBlocks, proveBlocks: last - startBlock - commitBlocks }
}
