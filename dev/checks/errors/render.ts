import { wrap } from '../wrap.ts'
import type { ErrorClass } from './find-classes.ts'
import { type Place, placeOf, placesOf } from './places.ts'

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

/** Renders the text of docs/errors.md. */
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
