const REASON_LENGTH = 500

/**
 * Makes text from outside fit for a row, a terminal and the Web UI. It is on one line and cut to `length` characters.
 * It has no control characters: no escape sequences, and no NUL, which Postgres refuses.
 */
export function plainText(text: string, length = REASON_LENGTH): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  if (plain.length <= length) return plain
  return `${plain.slice(0, length - 1).replace(/\p{Cs}$/u, '')}…` // half a character is no JSON for Postgres
}
