/** Text for a cell of the Web UI's tables, which are Markdown. */
export const oneLine = (text: string): string => text.replaceAll('|', '/').replaceAll('\n', ' ')
