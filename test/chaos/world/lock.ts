/** Lets one at a time do what others must not be in the middle of. */
export interface Lock {
  /** Waits for its turn and answers what ends it. */
  hold(): Promise<() => void>
  /** Does something when it is its turn. */
  during<T>(act: () => Promise<T>): Promise<T>
}

export function createLock(): Lock {
  let last: Promise<void> = Promise.resolve()
  const hold = async () => {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return resolve
  }
  return {
    hold,
    during: async (act) => {
      const release = await hold()
      return act().finally(release)
    },
  }
}
