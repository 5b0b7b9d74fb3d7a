import { setTimeout as delay } from 'node:timers/promises'

/** Longer than any fault lasts, ms. */
const PATIENCE_MS = 60_000

const AGAIN_MS = 300

/** Tries again while another fault keeps away what it needs. @throws what it threw last, after a minute */
export async function untilDone<T>(act: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(AGAIN_MS)) {
    try {
      return await act()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
