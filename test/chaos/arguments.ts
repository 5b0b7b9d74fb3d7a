import { InvalidArgumentError } from 'commander'

/** Reads a whole number that isn't below `least`: with none, or less, nothing would run and everything would hold. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number
    throw new InvalidArgumentError(`Expected a whole number from ${least}.`)
  }

/** Reads names with commas between them, each of them known: of a misspelt one nothing would be drawn. */
export const namesOf =
  (known: readonly string[]) =>
  (text: string): string[] => {
    const names = text.split(',')
    const unknown = names.filter((name) => !known.includes(name))
    if (unknown.length === 0) return names
    throw new InvalidArgumentError(
      `Not known: ${unknown.map((name) => `"${name}"`).join(', ')}. There are: ${known.join(', ')}.`,
    )
  }
