/**
 * How long a test waits for what must come, ms: only what never comes takes it whole. It is less than the minute after
 * which workflows look by themselves, so a lost signal is noticed, and as much as a starved machine may need. Vitest
 * itself would wait for a second.
 */
export const SOON = { timeout: 50_000, interval: 20 }

/** The same for what takes its time: long sequences, many tries, processes that start. */
export const LATER = { timeout: 200_000, interval: 50 }
