import { formatEther, formatGwei } from 'viem/utils'

/**
 * Writes an amount as people read it, in coins of the chain.
 * @param wei a decimal string on the wire.
 */
export const coins = (wei: string | bigint): string => formatEther(BigInt(wei))

/** Writes `950 ms`, `12.3 s`, `4 min 05 s`, `1 h 02 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  const twoDigits = (value: number) => `${value}`.padStart(2, '0')
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  return `${Math.floor(seconds / 3_600)} h ${twoDigits(Math.floor((seconds % 3_600) / 60))} min`
}

/** Says how long ago a moment was. @param iso ISO text. */
export const formatAge = (iso: string, nowMs: number): string =>
  `${formatDuration(Math.max(0, nowMs - Date.parse(iso)))} ago`

/** Writes memory and sizes in powers of 1000: `512 B`, `14.6 kB`, `1.9 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return power === 0 ? `${bytes} B` : `${(bytes / 1_000 ** power).toFixed(1)} ${units[power]}`
}

/** Writes wei per gas as gwei. */
export const formatFee = (weiPerGas: bigint): string => `${formatGwei(weiPerGas)} gwei`
