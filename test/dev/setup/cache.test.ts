import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What Node does where the system has no entry for the user's number. */
const NAMELESS_USER = new URL('../../client/fixtures/nameless-user.ts', import.meta.url).href
const CACHE = new URL('../../../dev/setup/cache.ts', import.meta.url).href

test('a user without a home folder is told to name a cache, and may', async () => {
  expect(await cacheOf({})).toBe(
    'The system knows no home folder of this user. Fix: set ZKPOW_CACHE to a folder for the cache. [ZKPOW-SETUP-STEP]',
  )
  expect(await cacheOf({ ZKPOW_CACHE: '/somewhere' })).toBe('/somewhere')
})

/** Tells the cache's folder for a process with just this environment, or what it says instead. */
async function cacheOf(env: Record<string, string>): Promise<string> {
  const script = `const { cacheDir } = await import('${CACHE}')
    try { console.log(cacheDir()) } catch (error) { console.log(error.describe()) }`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--import=${NAMELESS_USER}`, '--input-type=module', '--eval', script],
    {
      env,
    },
  )
  return stdout.trim()
}
