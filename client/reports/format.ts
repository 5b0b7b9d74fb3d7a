import Table from 'cli-table3'

/** How everything is written that people read: plain columns, short units. */
const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].flatMap((edge) => [
    [edge, ''],
  ]),
)
const PLAIN = {
  ...NO_BORDERS,
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Formats a table without lines, its last column open to the right. It ends with a line break. */
export function formatTable(head: string[], rows: string[][]): string {
  const table = new Table({
    head: head.map((title) => title.toUpperCase()),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows)
  const lines = table.toString().split('\n')
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** Gives what `--json` prints: big numbers as decimal strings, as everywhere on the wire. */
export const toJson = (value: unknown): string =>
  `${JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v), 2)}\n`
