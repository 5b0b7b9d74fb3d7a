const REASON_LENGTH = 500

/**
 * Text from outside made fit for a row, a terminal and the Web UI: on one line, without control characters (no escape
 * sequences, no NUL, which Postgres refuses), cut to `length` characters.
 */
export function plainText(text: string, length = REASON_LENGTH): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  if (plain.length <= length) return plain
  return `${plain.slice(0, length - 1).replace(/\p{Cs}$/u, '')}…` // half a character is no JSON for Postgres
}
