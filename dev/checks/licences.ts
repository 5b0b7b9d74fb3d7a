/**
 * `npm run check:licences [-- folder]`: every package installed there, of production and development, has a licence
 * that we may use it under.
 */
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { init } from 'license-checker-rseidelsohn'

/** Permissive: they ask for their text to be kept, at most. */
const ALLOWED = [
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense', 'Zlib'],
  ...['CC-BY-3.0', 'CC-BY-4.0', 'CC0-1.0', 'Public Domain'], // these are of data and tables, not of programs
]

/** Packages under another licence, each with the reason why that is no obstacle. Matched by the start of the name. */
const EXCEPTIONS: { name: string; licence: string; reason: string }[] = [
  {
    name: 'lightningcss',
    licence: 'MPL-2.0',
    reason: 'comes with Vite and is executed, unchanged, only when tests run',
  },
]

const [folder = fileURLToPath(new URL('../..', import.meta.url))] = process.argv.slice(2)
const packages = await promisify(init)({ start: folder, excludePrivatePackages: true })
const refused = Object.entries(packages).flatMap(([id, { licenses }]) => {
  const licence = Array.isArray(licenses) ? licenses.join(' AND ') : (licenses ?? 'none stated')
  return isAllowed(licence) || isException(id, licence) ? [] : [`${id}: ${licence}`]
})

if (Object.keys(packages).length === 0) refused.push(`no package is installed in ${folder}`)
if (refused.length === 0) {
  console.log(`Licences of ${Object.keys(packages).length} packages are fine.`)
} else {
  console.error(`Licences that are not allowed (dev/checks/licences.ts):\n${refused.join('\n')}`)
  process.exitCode = 1
}

/** Reads "A", "(A OR B)" and "(A AND B)". Anything more complicated is refused and needs an exception. */
function isAllowed(licence: string): boolean {
  const terms = licence.replace(/^\((.*)\)$/, '$1')
  if (terms.includes(' OR ')) return terms.split(' OR ').some((term) => ALLOWED.includes(term))
  return terms.split(' AND ').every((term) => ALLOWED.includes(term))
}

function isException(id: string, licence: string): boolean {
  return EXCEPTIONS.some((exception) => id.startsWith(exception.name) && licence === exception.licence)
}
