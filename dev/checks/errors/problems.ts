import type { ErrorClass } from './find-classes.ts'
import { placeOf } from './places.ts'

/** Words that people can read out and search for; no numbers that only a table explains. */
const STYLE = /^ZKPOW(-[A-Z][A-Z0-9]*){2,}$/

/** Tells what an operator couldn't find, or couldn't use, in the document that these classes make. */
export const problemsOf = (classes: readonly ErrorClass[]): string[] =>
  classes.flatMap((one) => {
    const { code, happened, remedy } = one.entry
    const says = (what: string) => `${one.file}: ${one.name}: ${what}`
    if (!STYLE.test(code)) return [says(`the code ${code} isn't ZKPOW, a place and words, all with capital letters.`)]
    const twin = classes.find((other) => other !== one && other.entry.code === code)
    return [
      ...(twin === undefined ? [] : [says(`the code ${code} is that of ${twin.name}, too; take another.`)]),
      ...wrongPlace(one).map(says),
      ...(/^[A-Z].*[.]$/s.test(happened)
        ? []
        : [says('what happened is no sentence: it begins with a capital letter and ends with a full stop.')]),
      ...(/^[^A-Z].*[.]$/s.test(remedy) ? [] : [says('the remedy goes on after "Fix:" and ends with a full stop.')]),
    ]
  })

function wrongPlace(one: ErrorClass): string[] {
  const place = placeOf(one)
  if (place === null) return [`the code ${one.entry.code} names no place of dev/checks/errors/places.ts; add it there.`]
  if (one.entry.code.startsWith(`ZKPOW-${place.word}-`)) return []
  return [`the code ${one.entry.code} doesn't begin with ZKPOW-${place.word}-, the folder that it is of.`]
}
