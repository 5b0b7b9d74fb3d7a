import { homedir } from 'node:os'
import { join } from 'node:path'

/** Folder outside the checkout for what set-up makes: `ZKPOW_CACHE`, else the operating system's place for caches. Not created. */
export function cacheDir(): string {
  const { ZKPOW_CACHE, XDG_CACHE_HOME } = process.env
  if (ZKPOW_CACHE) return ZKPOW_CACHE
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'zkpow')
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'zkpow') : join(homedir(), '.cache', 'zkpow')
}
