const REASON_LENGTH = 500

/**
 * Text from outside made fit for a row, a terminal and the Web UI: on one line, without control characters (no escape sequences, no NUL,
 * which Postgres refuses), cut to 500 characters.
 */
export function plainText(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return plain.length > REASON_LENGTH ? `${plain.slice(0, REASON_LENGTH - 1)}…` : plain
}
