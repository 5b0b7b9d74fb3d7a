/** Why nothing can be called final though the chain goes on, for people. */
export const finalUnknown = (p: { head: number; final: number }): string =>
  `the endpoints don't tell what stands after final block ${p.final}, ${p.head - p.final} below the head: their nodes keep too few states`
