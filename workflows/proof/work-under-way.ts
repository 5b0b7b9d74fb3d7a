/** Whether something asks the stores, is being proved, waits for an operator, or is a word that is on its way. */
export type Doing = 'looks' | 'proves' | 'waits' | 'tells'

/** Something that is under way until it has ended. */
export interface Work {
  does(doing: Doing): void
  end(): void
}

/** All that a run which proves has under way. */
export interface WorkUnderWay {
  begin(doing: Doing): Work
  /** Tells whether the stores are still being asked what there is. */
  isLooking(): boolean
  /** Tells whether all that is left waits for an operator, so that no machine's work is lost when the run ends. */
  isAtRest(): boolean
  isOver(): boolean
}

export function workUnderWay(): WorkUnderWay {
  const all = new Map<Work, Doing>()
  let hasBegun = false
  return {
    begin(first) {
      const work: Work = {
        does: (doing) => void all.set(work, doing),
        end: () => void all.delete(work),
      }
      hasBegun ||= first !== 'tells'
      all.set(work, first)
      return work
    },
    isLooking: () => !hasBegun || [...all.values()].includes('looks'),
    isAtRest: () => all.size > 0 && [...all.values()].every((doing) => doing === 'waits'),
    isOver: () => all.size === 0,
  }
}
