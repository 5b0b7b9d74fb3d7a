#!/usr/bin/env bash
# Software: Node 24.21.0 and drizzle-orm 0.45.4, whose package.json has 178 kB, most of it `exports`.
# Guess:    a package's package.json is read once a process, so importing a hundred small modules takes next to nothing.
# Seen:     it is parsed anew for each module that is loaded. A hook that answers the modules' imports of each other,
#           which are relative and need no package.json, takes most of the import's CPU away.
# Why it matters: half a second of each start goes by for a file that nothing was looked up in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 postgres@3.4.9 node@24.21.0
cat > hook.js <<'JS'
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')
      ? { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context),
})
JS
cat > import.js <<'JS'
const before = process.cpuUsage()
await import('drizzle-orm/pg-core')
await import('drizzle-orm/postgres-js')
const { user, system } = process.cpuUsage(before)
console.log((user + system) / 1000)
JS
node=node_modules/node/bin/node
least() { for _ in 1 2 3; do "$node" "$@"; done | sort -n | head -1; }
plain=$(least import.js)
hooked=$(least --import ./hook.js import.js)
echo "$("$node" --version): $plain ms of CPU, $hooked ms with the hook"
awk -v plain="$plain" -v hooked="$hooked" 'BEGIN { exit !(plain > 2 * hooked) }' \
  && echo 'as described: package.json is read for each module' || { echo CHANGED; exit 1; }
