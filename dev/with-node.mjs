// Runs one of our programs: `node dev/with-node.mjs dev/demo.ts …`. Any Node can read this file, and so say what is in
// the way of TypeScript.
import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OURS = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (process.features.typescript) {
  const [, , program] = process.argv
  process.argv.splice(1, 1)
  await import(pathToFileURL(program).href)
} else {
  const { error, status } = spawnSync(OURS, ['--version'])
  const code = error?.code ?? (status === 0 ? undefined : `exit code ${status}`)
  console.error(
    `Node ${process.version} can't run TypeScript, and ours (${OURS}) ${code === undefined ? "isn't the one that is found first" : `doesn't run: ${code}`}.`,
    `Fix: ${remedyOf(code)}`,
  )
  process.exitCode = 1
}

/** @param {string | undefined} code of the operating system */
function remedyOf(code) {
  if (code === 'EACCES')
    return 'the checkout lies on a file system that is mounted noexec: move it to another, for it brings more programs than Node.'
  if (code === undefined) return 'start it by `npm run`, which finds it.'
  return 'run `npm install`, which brings it.'
}
