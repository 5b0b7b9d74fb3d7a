import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StackUsageError, TemporalUnavailableError } from '../../../../dev/stack/errors.ts'
import { buildTemporal, temporalFolder } from '../../../../dev/stack/temporal/cache.ts'
import { obtainTemporal } from '../../../../dev/stack/temporal/source.ts'
import { SOON } from '../../../support/patience.ts'
import { scratchFolder } from '../../../support/scratch-folder.ts'

const { signal } = new AbortController()
const SYSTEM_PATH = '/usr/bin:/bin'

beforeEach(() => {
  vi.stubEnv('TEMPORAL_ADDRESS', '')
  vi.stubEnv('TEMPORAL_CLI_PATH', '')
  vi.stubEnv('PATH', SYSTEM_PATH)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

test('TEMPORAL_ADDRESS comes before everything', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
  vi.stubEnv('TEMPORAL_CLI_PATH', '/nowhere')
  expect(await obtain()).toEqual({ kind: 'address', address: 'temporal.example:7233' })
})

test('TEMPORAL_CLI_PATH comes before the PATH', async () => {
  const [named, installed] = [await fakeTemporal('1.31.2'), await fakeTemporal('1.31.2')]
  vi.stubEnv('TEMPORAL_CLI_PATH', named.program)
  vi.stubEnv('PATH', `${installed.folder}:${SYSTEM_PATH}`)
  expect(await obtain()).toMatchObject({ path: named.program, from: 'TEMPORAL_CLI_PATH' })
})

test.each([{ version: '1.28.0' }, { version: undefined }])(
  'TEMPORAL_CLI_PATH with server $version is refused, not passed over',
  async ({ version }) => {
    vi.stubEnv('TEMPORAL_CLI_PATH', (await fakeTemporal(version)).program)
    await expect(obtain()).rejects.toThrow(StackUsageError)
  },
)

test('on the PATH, a temporal that is too old is passed over', async () => {
  const [old, recent] = [await fakeTemporal('1.28.0'), await fakeTemporal('1.29.0')]
  vi.stubEnv('PATH', `${old.folder}:${recent.folder}:${SYSTEM_PATH}`)
  expect(await obtain()).toMatchObject({ path: recent.program, from: 'the PATH' })
})

test('what is in the cache is used', async () => {
  expect(await obtain()).toEqual({ kind: 'program', path: join(temporalFolder().dir, 'temporal'), from: 'the cache' })
})

test('without Go the error says what can be done', async () => {
  const dir = await scratchFolder()
  vi.stubEnv('PATH', dir)
  const building = buildTemporal({ dir, report: () => {}, signal })
  await expect(building).rejects.toThrow(TemporalUnavailableError)
  await expect(building).rejects.toMatchObject({
    remedy: expect.stringMatching(/TEMPORAL_CLI_PATH.*TEMPORAL_ADDRESS.*Go 1\.26/),
  })
})

test('a build that is called off ends, with the reason', async () => {
  const [dir, calledOff] = [await scratchFolder(), new AbortController()]
  await writeFile(join(dir, 'go'), '#!/bin/sh\nexec sleep 1000\n')
  await chmod(join(dir, 'go'), 0o755)
  vi.stubEnv('PATH', `${dir}:${SYSTEM_PATH}`)
  const building = buildTemporal({ dir, report: () => {}, signal: calledOff.signal })
  await vi.waitUntil(() => existsSync(join(dir, 'packages.log')), SOON)
  calledOff.abort(new Error('called off'))
  await expect(building).rejects.toThrow('called off')
})

function obtain() {
  return obtainTemporal(() => {}, signal)
}

/** Makes a program that says it is Temporal's with this server, or says something else. */
async function fakeTemporal(server: string | undefined): Promise<{ folder: string; program: string }> {
  const folder = await scratchFolder()
  const program = join(folder, 'temporal')
  await writeFile(
    program,
    `#!/bin/sh\necho "${server ? `temporal version 9 (Server ${server}, UI 2)` : 'something else'}"\n`,
  )
  await chmod(program, 0o755)
  return { folder, program }
}
