#!/usr/bin/env bash
# Software: Node.js 24.21.0 (npm package `node`) on Linux.
# Guess:    process.resourceUsage().maxRSS of a child process is the most memory that this process has had resident.
# Seen:     it is at least what its PARENT had resident when it spawned the child. A child of 45 MB says 529 MB below a
#           parent that holds 512 MiB, and 45 MB below one that holds nothing. The kernel carries the figure of the
#           memory that a process had before exec over it, and a process that is made by vfork has its parent's memory
#           until then. VmHWM in /proc/self/status tells the child's own.
# Why it matters: whoever measures what a proving process takes from inside it, or by its rusage, reports the memory of
#           the worker too.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo 'only Linux has /proc/self/status: nothing to see here'; exit 0; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --allow-scripts=node node@24.21.0 2>/dev/null || npm install --silent --no-audit --no-fund node@24.21.0

cat > child.js <<'JS'
import { readFileSync } from 'node:fs'
const [, ownKiB] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
console.log(JSON.stringify({ maxRssKiB: process.resourceUsage().maxRSS, ownPeakKiB: Number(ownKiB) }))
JS

cat > parent.js <<'JS'
import { execFileSync } from 'node:child_process'
const measure = () => JSON.parse(execFileSync(process.execPath, ['child.js'], { encoding: 'utf8' }))
const small = measure()
const held = Buffer.alloc(512 * 2 ** 20, 1) // written to, so that it is resident
const big = measure()
console.log(`node ${process.version}, parent holds ${held.length / 2 ** 20} MiB`)
console.log('child of a small parent:', small)
console.log('child of a big parent:  ', big)
const isInherited = small.maxRssKiB < 200_000 && big.maxRssKiB > 500_000 && big.ownPeakKiB < 200_000
console.log(isInherited ? 'as described: maxRSS contains the parent' : 'CHANGED: maxRSS is the child alone')
process.exit(isInherited ? 0 : 1)
JS

node_modules/.bin/node parent.js
