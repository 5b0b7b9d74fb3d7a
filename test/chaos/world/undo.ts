/** What was begun, to be ended in the opposite order. */
export interface Undo {
  add(end: () => Promise<unknown>): void
  /** Ends all of it, also when one can't be ended. @throws what the first of those threw */
  all(): Promise<void>
}

export function createUndo(): Undo {
  const ends: (() => Promise<unknown>)[] = []
  return {
    add: (end) => void ends.unshift(end),
    all: async () => {
      const errors: unknown[] = []
      for (const end of ends.splice(0)) await end().catch((error) => errors.push(error))
      if (errors.length > 0) throw errors[0]
    },
  }
}
