/**
 * Any text made fit for the Web UI's details, which are Markdown: it may be a prover's or an endpoint's word, and must make no link, emphasis,
 * HTML or cell of a table. Backticks stay, because our own remedies have commands between them.
 */
export const markdownText = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/[\\*_~<>[\]|]/g, '\\$&')

/** A heading and a list. */
export const markdownList = (heading: string, lines: readonly string[]): string =>
  [heading, '', ...lines.map((line) => `- ${markdownText(line)}`)].join('\n')
