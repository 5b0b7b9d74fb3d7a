#!/usr/bin/env bash
# Software: Vitest 4.1.12, `startVitest` of `vitest/node`.
# Guess:    when a globalSetup file throws, startVitest rejects, or some count of failures says so.
# Seen:     it resolves, with no module, no test and no unhandled error in its state: counting failed tests gives 0.
#           Only process.exitCode, which a runner of one's own may overwrite, and the printed text tell.
# Why it matters: a runner that sums up counts calls a run good in which nothing ran.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund vitest@4.1.12
cat > vitest.config.js <<'JS'
export default { test: { include: ['*.test.js'], globalSetup: ['set-up.js'] } }
JS
echo "export default () => { throw new Error('no server') }" > set-up.js
echo "import { test } from 'vitest'; test('passes', () => {})" > some.test.js
cat > see.js <<'JS'
import { startVitest } from 'vitest/node'
const vitest = await startVitest('test', [], { run: true, watch: false })
const modules = vitest.state.getTestModules()
const failed = modules.flatMap((one) => [...one.children.allTests('failed')]).length
const seen = { modules: modules.length, failed, unhandled: vitest.state.getUnhandledErrors().length, exitCode: process.exitCode }
await vitest.close()
console.log(seen)
const isSilent = seen.modules === 0 && seen.failed === 0 && seen.unhandled === 0 && seen.exitCode === 1
console.log(isSilent ? 'as described: it resolves, and no count tells' : 'CHANGED')
process.exit(isSilent ? 0 : 1)
JS
node see.js
