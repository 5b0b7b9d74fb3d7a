/**
 * `npm run check:folders [-- folder]`: every folder with code says what each of its files is for, in a README of its
 * own or, where it has few files, in that of the folder above, and what tests each. No folder and no file outgrows its
 * reader.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, handWrittenLines, listSources } from './sources.ts'

const CODE = /\.(ts|sol|nr)$/
/** Tests are found from code, by their names; a finding explains itself; drizzle-kit writes the migrations. */
const NEEDS_NO_README = /^(test|findings|db\/migrations)\/|(^|\/)fixtures\//
/** Errors are tested where they are thrown; benchmarks are tests themselves. */
const TESTED = /^(?!bench\/).*\/(?!errors\.ts$)[^/]+\.(ts|mjs|sol)$/
/** Something is declared or done, at the margin: these are neither types alone, nor a list of what others export. */
const DOES_SOMETHING =
  /^(export )?(default )?(abstract )?(async )?(function|const|let|class|contract|library)\b|^(await|if|for) |^\w+[.(]/m
const MOST_FILES_WITHOUT_README = 3
const MOST_ENTRIES = 14
const MOST_LINES = 300

/** What may be larger, each with the reason. */
const EXCEPTIONS: Record<string, string> = {
  '': 'tools look for their settings in the root',
  'bench/': 'each benchmark is a file or a folder, beside what runs them',
  'circuits/lib/src/': 'the modules of one Noir package are files beside lib.nr',
  'kinds/payments/': 'a kind is one folder, with a file for each of its formats',
}

/** Lists the folders that a path lies in, each with a slash at its end. */
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
  ...files.flatMap(untested),
  ...explained.flatMap(wrongTests),
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

/** Lists the names in the first column of tables whose first column is headed "file" or "folder". */
function namesInTables(markdown: string): string[] {
  const tables = markdown.split(/\n(?!\|)/).filter((block) => /^(.*\n)?\| *(file|folder) *\|/.test(block))
  return tables.flatMap((table) =>
    table.split('\n').flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[^` ]+(?=`)/g) ?? []),
  )
}

/**
 * Lists what stands beside a README, and every file of folders that leave it to this README. The root's names its
 * folders alone.
 */
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

/** Complains unless a file's test has its name, or a README at it or above it says which tests cover it. */
function untested(file: string): string[] {
  if (!TESTED.test(file) || NEEDS_NO_README.test(file) || !DOES_SOMETHING.test(readFileSync(join(root, file), 'utf8')))
    return []
  const test = `test/${file.replace(/\.\w+$/, '.test.ts')}`
  const above = explained.filter((folder) => file.startsWith(folder))
  if (files.includes(test) || above.some((folder) => isCovered(folder, file.slice(folder.length)))) return []
  return [
    `${file}: there is no ${test}, and no README says what covers it; write that test, or name the file and the tests` +
      ` that cover it after "**Tests**" in ${above.at(-1) ?? ''}README.md.`,
  ]
}

/** Tells whether the part of a README about tests names the file, or a folder that it lies in. */
function isCovered(folder: string, file: string): boolean {
  const paths = [file, folder + file]
  return namesOfTests(folder).some((name) =>
    paths.some((path) => path === name || (name.endsWith('/') && path.startsWith(name))),
  )
}

function wrongTests(folder: string): string[] {
  const above = folder.replace(/[^/]*\/$/, '')
  const isThere = (path: string) =>
    [path, `${path}.test.ts`, `${path}/`].some((one) => files.includes(one) || folders.includes(one))
  const gone = namesOfTests(folder).filter(
    (name) => ![name, folder + name, `test/${folder}${name}`, `test/${above}${name}`].some(isThere),
  )
  return gone.map(
    (name) => `${folder}README.md: of tests it names \`${name}\`, which isn't there; say what covers the code now.`,
  )
}

/** Lists the names in backticks of the paragraph that begins with "**Tests**", and of a table behind it. */
function namesOfTests(folder: string): string[] {
  const [, told = ''] = readFileSync(join(root, `${folder}README.md`), 'utf8').split(/^\*\*Tests?\b/m)
  return told.split(/\n\n(?!\|)/)[0]?.match(/(?<=`)[\w./-]+(?=`)/g) ?? []
}

/** Lists the names of what lies in a folder, but for its README. Those of folders have a slash at the end. */
function entriesOf(folder: string): string[] {
  const inside = files
    .filter((file) => file.startsWith(folder))
    .map((file) => file.slice(folder.length).replace(/\/.*/, '/'))
  return [...new Set(inside)].filter((name) => name !== 'README.md')
}
