/**
 * `npm run check:folders [-- folder]`: every folder with code says what each of its files is for, in a README of its
 * own or, where it has few files, in that of the folder above. No folder and no file outgrows its reader.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, handWrittenLines, listSources } from './sources.ts'

const CODE = /\.(ts|sol|nr)$/
/** Tests are found from code, by their names; a finding explains itself; drizzle-kit writes the migrations. */
const NEEDS_NO_README = /^(test|findings|db\/migrations)\/|(^|\/)fixtures\//
const MOST_FILES_WITHOUT_README = 3
const MOST_ENTRIES = 14
const MOST_LINES = 300

/** What may be larger, each with the reason. */
const EXCEPTIONS: Record<string, string> = {
  '': 'tools look for their settings in the root',
  'circuits/lib/src/': 'the modules of one Noir package are files beside lib.nr',
  'kinds/payments/': 'a kind is one folder, with a file for each of its formats',
}

/** Folders that a path lies in, each with a slash at its end. */
const foldersOf = (path: string): string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1))

const [root = '.'] = process.argv.slice(2)
const files = listSources(root)
const folders = ['', ...new Set(files.flatMap(foldersOf))]
const explained = folders.filter((folder) => files.includes(`${folder}README.md`) && !folder.startsWith('findings/'))
const hasCode = (folder: string): boolean =>
  files.some((file) => file.startsWith(folder) && CODE.test(file) && !NEEDS_NO_README.test(file))

const problems = [
  ...folders.flatMap(unexplained),
  ...explained.flatMap(wrongTable),
  ...folders.flatMap(crowded),
  ...files.flatMap(long),
]
if (files.length === 0) problems.push(`${root}: there is no file of ours; run this in a checkout.`)
conclude(problems, `${folders.length} folders are explained, or need not be.`)

function unexplained(folder: string): string[] {
  if (explained.includes(folder) || folder === '' || !hasCode(folder)) return []
  const isBelowOther = foldersOf(folder.slice(0, -1)).some((above) => explained.includes(above))
  const fileCount = entriesOf(folder).filter((name) => !name.endsWith('/')).length
  if (isBelowOther && fileCount <= MOST_FILES_WITHOUT_README) return [] // the README above must have their rows
  return [
    `${folder}: there is no README.md; write what the folder is for, and a table with a row for each of its files.`,
  ]
}

function wrongTable(folder: string): string[] {
  const readme = `${folder}README.md`
  const named = namesInTables(readFileSync(join(root, readme), 'utf8'))
  const missing = toBeNamed(folder).filter((name) => !named.includes(name))
  const gone = named.filter((name) => !files.includes(folder + name) && !folders.includes(folder + name))
  return [
    ...missing.map((name) => `${readme}: its table lacks \`${name}\`; say there what it is for.`),
    ...gone.map((name) => `${readme}: its table names \`${name}\`, which isn't there; take it out.`),
  ]
}

/** Names in the first column of tables whose first column is headed "file" or "folder". */
function namesInTables(markdown: string): string[] {
  const tables = markdown.split(/\n(?!\|)/).filter((block) => /^(.*\n)?\| *(file|folder) *\|/.test(block))
  return tables.flatMap((table) =>
    table.split('\n').flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[^` ]+(?=`)/g) ?? []),
  )
}

/** What stands beside a README, and every file of folders that leave it to this README. Of the root: its folders. */
function toBeNamed(folder: string): string[] {
  const entries = entriesOf(folder)
  if (folder === '') return entries.filter((name) => name.endsWith('/') && !name.startsWith('.'))
  return entries.flatMap((name) => {
    const isLeftToUs = name.endsWith('/') && !explained.includes(folder + name) && hasCode(folder + name)
    return isLeftToUs ? toBeNamed(folder + name).map((inner) => name + inner) : [name]
  })
}

function crowded(folder: string): string[] {
  const { length } = entriesOf(folder)
  if (length <= MOST_ENTRIES || folder in EXCEPTIONS || /^(test|findings|db\/migrations)\//.test(folder)) return []
  return [
    `${folder}: ${length} entries, where ${MOST_ENTRIES} are found at a glance; put those of one idea into a folder.`,
  ]
}

function long(file: string): string[] {
  if (!CODE.test(file) || file in EXCEPTIONS) return []
  const { length } = handWrittenLines(root, file)
  if (length <= MOST_LINES) return []
  return [`${file}: ${length} lines, where ${MOST_LINES} are the most; give one of its ideas a file of its own.`]
}

/** Names of what lies in a folder, but for its README; folders have a slash at the end. */
function entriesOf(folder: string): string[] {
  const inside = files
    .filter((file) => file.startsWith(folder))
    .map((file) => file.slice(folder.length).replace(/\/.*/, '/'))
  return [...new Set(inside)].filter((name) => name !== 'README.md')
}
