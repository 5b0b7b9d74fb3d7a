/**
 * `npm run check:links`: links of Markdown files lead to a file and a heading, and so does every Markdown file that
 * code or a comment names, as `docs/protocol.md#late-proofs`. Addresses of the web are not asked for.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import GithubSlugger from 'github-slugger'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString as textOf } from 'mdast-util-to-string'
import { visit } from 'unist-util-visit'
import { conclude, listSources } from './sources.ts'

interface Link {
  file: string
  line: number
  /** The path as it is written, without its anchor; empty means the file itself. */
  path: string
  anchor: string
  /** Folders that the path may start from. */
  from: string[]
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TYPES = /\.(md|ts|cjs|sol|nr|sql|sh|yaml|yml|toml)$/

/** A Markdown file's path in code, or a whole address of the web, whose end looks like one. */
const NAMED = /(?<web>\w+:\/\/\S+)|(?<path>[\w./-]+\.md)\b(?:#(?<anchor>[\w-]+))?/g

const files = listSources(ROOT).filter((file) => TYPES.test(file))
const anchors = new Map<string, Set<string>>()
const links = files.flatMap((file) => (file.endsWith('.md') ? linksOf(file) : namedIn(file)))
const broken = links.flatMap((link) => {
  const why = whyBroken(link)
  return why === null ? [] : [`${link.file}:${link.line}: ${link.path}${link.anchor && `#${link.anchor}`}: ${why}`]
})

if (links.length === 0) broken.push(`no link is found in ${ROOT}`)
conclude(broken, `${links.length} links lead somewhere.`)

function linksOf(file: string): Link[] {
  const found: Link[] = []
  visit(fromMarkdown(read(file)), (node) => {
    if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return
    if (/^\w+:/.test(node.url)) return
    const [path = '', anchor = ''] = decodeURI(node.url).split('#')
    found.push({ file, line: node.position?.start.line ?? 0, path, anchor, from: [dirname(file)] })
  })
  return found
}

function namedIn(file: string): Link[] {
  return read(file)
    .split('\n')
    .flatMap((text, i) =>
      [...text.matchAll(NAMED)].flatMap(({ groups }) =>
        groups?.path === undefined
          ? []
          : [{ file, line: i + 1, path: groups.path, anchor: groups.anchor ?? '', from: ['', dirname(file)] }],
      ),
    )
}

function whyBroken({ file, path, anchor, from }: Link): string | null {
  const target =
    path === '' ? file : from.map((folder) => join(folder, path)).find((one) => existsSync(join(ROOT, one)))
  if (target === undefined) return 'no such file'
  if (anchor === '' || !target.endsWith('.md')) return null
  return anchorsOf(target).has(anchor) ? null : 'no such heading'
}

/** Finds what headings are called in links, as GitHub names them. */
function anchorsOf(file: string): Set<string> {
  const known = anchors.get(file)
  if (known !== undefined) return known
  const slugger = new GithubSlugger()
  const found = new Set<string>()
  visit(fromMarkdown(read(file)), 'heading', (heading) => {
    found.add(slugger.slug(textOf(heading)))
  })
  anchors.set(file, found)
  return found
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}
