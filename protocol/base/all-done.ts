/**
 * Does as `Promise.all`, but ends after the last has ended: nothing goes on behind whoever was told of the first
 * failure. Temporal's client even ends the process when it tries a call again whose connection is closed.
 */
export async function allDone<T extends readonly unknown[] | []>(
  asked: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(asked)
  return Promise.all(asked)
}
