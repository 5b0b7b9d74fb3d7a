/** Finds the one that has the name. Plans that were recorded elsewhere may have names that aren't known here. */
export function named<T extends { readonly name: string }>(all: readonly T[], name: T['name']): T {
  const found = all.find((one) => one.name === name)
  if (found === undefined) throw new Error(`There is no "${name}"; there are ${all.map((one) => one.name).join(', ')}.`)
  return found
}
