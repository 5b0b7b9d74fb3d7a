/**
 * `npm run check:prose [-- folder]`: documents and comments stay easy to read. No bullet and no row of a table holds
 * a page's worth of thoughts, no line of prose is wider than code may be, and no comment is a word or two.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString as textOf } from 'mdast-util-to-string'
import { visit } from 'unist-util-visit'
import { conclude, handWrittenLines, listSources } from './sources.ts'

const MOST_COLUMNS = 120
const MOST_BULLET_WORDS = 99
const MOST_ROW_CHARACTERS = 699
/** A sentence that says why has a subject, a verb, and something that is said. */
const LEAST_COMMENT_WORDS = 3

const COMMENTED = /\.(ts|mts|mjs|cjs|sol|nr|ya?ml|sh)$/
const SLASHED = /\.(ts|mts|mjs|cjs)$/
const HASHED = /\.(ya?ml|sh)$/

/** Texts in quotes, which may look like comments. */
const QUOTED = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g

/** What begins a comment or a bullet, and what ends a comment. */
const MARKS = /^\s*(\/\*+|\*|\/\/+|[->#]|\d+\.)\s+|\s*(\*\/)?$/g

const [root = '.'] = process.argv.slice(2)
const files = listSources(root)
const documents = files.filter((file) => file.endsWith('.md'))
const code = files.filter((file) => COMMENTED.test(file))

const problems = [...documents.flatMap(hardToRead), ...code.flatMap(wideComments), ...code.flatMap(fragments)]
if (documents.length === 0) problems.push(`no document is found in ${root}`)
conclude(problems, `${documents.length} documents and the comments of ${code.length} files are easy to read.`)

function hardToRead(file: string): string[] {
  const markdown = readFileSync(join(root, file), 'utf8')
  const inCode = new Set<number>()
  const bullets: string[] = []
  visit(fromMarkdown(markdown), (node) => {
    const { start, end } = node.position ?? { start: { line: 0 }, end: { line: -1 } }
    if (node.type === 'code') for (let line = start.line; line <= end.line; line++) inCode.add(line)
    if (node.type !== 'listItem') return
    const own = node.children.filter(({ type }) => type !== 'list' && type !== 'code') // inner bullets count apart
    const words = own
      .map((child) => textOf(child))
      .join(' ')
      .trim()
      .split(/\s+/).length
    if (words > MOST_BULLET_WORDS)
      bullets.push(`${file}:${start.line}: a bullet of ${words} words; make it several, or a section with a heading.`)
  })
  return [
    ...bullets,
    ...markdown.split('\n').flatMap((line, i) => (inCode.has(i + 1) ? [] : tooLong(file, i + 1, line))),
  ]
}

function tooLong(file: string, number: number, line: string): string[] {
  if (!line.trimStart().startsWith('|')) return isWide(line) ? [wide(file, number, line)] : []
  if (line.length <= MOST_ROW_CHARACTERS) return []
  return [`${file}:${number}: a row of ${line.length} characters; make bullets or a section of it.`]
}

function wideComments(file: string): string[] {
  return handWrittenLines(root, file).flatMap((line, i) =>
    isWide(line) && isComment(file, line) ? [wide(file, i + 1, line)] : [],
  )
}

/** Finds line comments that have a line for themselves and are no sentence, such as headings. */
function fragments(file: string): string[] {
  if (!SLASHED.test(file)) return []
  const lines = handWrittenLines(root, file).map((line) => /^\s*\/\/\s*(.*)$/.exec(line)?.[1] ?? null)
  return lines.flatMap((text, i) => {
    if (text === null || lines[i - 1] != null) return [] // a comment's later lines belong to its first one
    const end = lines.findIndex((line, at) => at > i && line === null)
    const words = lines
      .slice(i, end === -1 ? undefined : end)
      .join(' ')
      .split(/\s+/)
      .filter(Boolean)
    if (words.length >= LEAST_COMMENT_WORDS) return []
    return [`${file}:${i + 1}: a comment of ${words.length} words; say in a sentence why, or leave it out.`]
  })
}

/** Tells whether a line is too wide and could be broken: a long address alone can't. */
function isWide(line: string): boolean {
  return [...line].length > MOST_COLUMNS && /\s/.test(line.replaceAll(MARKS, ''))
}

function isComment(file: string, line: string): boolean {
  const begins = HASHED.test(file) ? /(^|\s)#\s/ : /^\s*\*|\/\/|\/\*/
  return begins.test(line.replaceAll(QUOTED, ''))
}

function wide(file: string, number: number, line: string): string {
  return `${file}:${number}: ${[...line].length} columns, where prose has ${MOST_COLUMNS} at most; break the line.`
}
