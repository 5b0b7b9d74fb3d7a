import { homedir } from 'node:os'
import { join } from 'node:path'
import { SetupStepError } from './errors.ts'

/**
 * Names the folder outside the checkout for what set-up makes: `ZKPOW_CACHE`, else the operating system's place for
 * caches. It isn't created.
 * @throws SetupStepError
 */
export function cacheDir(): string {
  const { ZKPOW_CACHE, XDG_CACHE_HOME } = process.env
  if (ZKPOW_CACHE) return ZKPOW_CACHE
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'zkpow')
  return process.platform === 'darwin' ? join(home(), 'Library', 'Caches', 'zkpow') : join(home(), '.cache', 'zkpow')
}

/**
 * @throws SetupStepError where the system has no entry for the user's number, as in a container that runs under any.
 */
function home(): string {
  try {
    return homedir()
  } catch (cause) {
    throw new SetupStepError('The system knows no home folder of this user.', {
      remedy: 'set ZKPOW_CACHE to a folder for the cache.',
      cause,
    })
  }
}
