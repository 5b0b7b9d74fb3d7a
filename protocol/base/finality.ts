/** Why nothing can be called final though the chain goes on, for people. @param p.final null while no block is called so. */
export const finalUnknown = (p: { head: number; final: number | null }): string => {
  if (p.final === null) return "the endpoints don't tell a block by the tag `finalized`: finality by confirmations needs none"
  return `the endpoints don't tell what stands after final block ${p.final}, ${p.head - p.final} below the head: their nodes keep too few states`
}
