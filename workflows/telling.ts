import * as wf from '@temporalio/workflow'
import { plainText } from '../protocol/base/plain-text.ts'
import type { WorkflowMemo } from '../protocol/temporal/attributes.ts'

/**
 * A code span of one backtick at each end. It has no pipe and no backslash, on which renderers don't agree inside code.
 */
const CODE_SPAN = /(?<!`)(`[^`|\\]*[^`|\\\s][^`|\\]*`)(?!`)/

/**
 * Makes any text fit for the Web UI's details, which are Markdown. It may be a prover's or an endpoint's word, and must
 * make no link, emphasis, formula, HTML, heading, list or cell of a table.
 * Code spans stay as they are, because our own remedies have commands in them, and because nothing in them needs
 * escaping: a backslash would show. A backtick that is part of none is escaped, so that it opens none.
 */
export const markdownText = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .split(CODE_SPAN)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('')
    .replace(/^ ?[#+:-]|^ ?\d+(?=[.)])/, atStart)

/** Makes a heading and a list. */
export const markdownList = (heading: string, lines: readonly string[]): string =>
  [heading, '', ...lines.map((line) => `- ${markdownText(line)}`)].join('\n')

const escaped = (text: string): string =>
  // Bare addresses become links, too.
  text.replaceAll(/[\\`*_~$<>[\]|]/g, '\\$&').replaceAll(/:(?=\/\/)|(?<=mailto):/gi, '\\:')

/** Disarms what opens a heading or a list at the start of a line. */
const atStart = (opener: string): string => (/\d/.test(opener) ? `${opener}\\` : opener.replace(/\S/, '\\$&'))

/** Writes down what has changed, and nothing when all is as it was told, because each time costs an event. */
export function tellInMemo({ trouble, ...rest }: WorkflowMemo): void {
  const told = wf.workflowInfo().memo ?? {}
  const memo = {
    ...rest,
    ...(trouble !== undefined && { trouble: trouble === null ? null : plainText(trouble) || null }),
  }
  const changed = Object.entries(memo).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key] ?? null),
  )
  if (changed.length > 0 && wf.patched('memo')) wf.upsertMemo(Object.fromEntries(changed))
}
