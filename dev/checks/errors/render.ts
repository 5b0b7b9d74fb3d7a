import type { ErrorClass } from './find-classes.ts'
import { type Place, placeOf, placesOf } from './places.ts'

const WIDTH = 120

const HEAD = `# Errors

<!-- Written by \`npm run docs:errors\` from the entries of the classes; \`npm run check:errors\` compares it with them. -->

${wrap(
  'An error of zkpow says what happened, to what, and what helps, and ends with its code in brackets: at the command ' +
    'line, in logs, in what `zkpow status` and `zkpow sequence` show, and in the failures of activities in ' +
    "Temporal's Web UI, which shows the name of the class as their type. Here is each code, with what all errors of " +
    'the class have in common; the message itself names what it is about and may know a closer cure.',
)}

* ${wrap(
  '*It may pass*: trying again can help. Temporal tries the activity again, and a command ends with exit code 75.',
  2,
)}
* ${wrap(
  '*It stays* until somebody changes something. The activity fails, and a command ends with exit code 1. Whoever ' +
    'asked for the activity shows the error, and most look again after a while.',
  2,
)}
`

/** The text of docs/errors.md. */
export const renderErrors = (classes: readonly ErrorClass[]): string =>
  [HEAD, ...placesOf(classes).map((place) => section(place, classes))].join('\n')

function section(place: Place, classes: readonly ErrorClass[]): string {
  const own = classes.filter((one) => placeOf(one)?.title === place.title)
  const sorted = own.sort((a, b) => (a.entry.code < b.entry.code ? -1 : 1))
  return `## ${place.title}\n\n${sorted.map(describeClass).join('\n')}`
}

const describeClass = ({ name, entry, isRetryable }: ErrorClass): string =>
  `### ${entry.code}

${wrap(`${entry.happened} *${isRetryable ? 'It may pass' : 'It stays'}* (\`${name}\`).`)}

${wrap(`**Fix:** ${entry.remedy}`)}
`

/** Into lines of our documents' width. @param indent of the lines after the first. */
function wrap(text: string, indent = 0): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && longer.length + indent <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
