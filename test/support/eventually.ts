import { vi } from 'vitest'

/** Longest wait of any test; the test's own limit usually ends it earlier. */
const TIMEOUT_MS = 10 * 60_000

/**
 * Waits until a condition holds, asking again and again. @param what names the condition in the message of a time-out.
 */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: TIMEOUT_MS, interval: 100 }).catch((cause) => {
    throw new Error(`Waited in vain: ${what}.`, { cause })
  })
}
