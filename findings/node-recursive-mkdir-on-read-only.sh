#!/usr/bin/env bash
# Software: Node 24.21.0 (npm package node), Linux.
# Guess:    `mkdir(path, { recursive: true })` on a read-only file system fails with EROFS, as `mkdir(path)` does.
# Seen:     it fails with ENOENT, "no such file or directory", though the folder above is there.
# Why it matters: whoever tells people what to do by the error's code has them look for a folder that is missing.
# Needs a user who may mount (root, or user namespaces).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . node@24.21.0
cat > see.mjs <<'JS'
import { mkdirSync } from 'node:fs'

console.log(process.version)
for (const recursive of [false, true]) {
  try {
    mkdirSync('mount/new', { recursive })
  } catch ({ code }) {
    console.log(`recursive ${recursive}: ${code}`)
  }
}
JS
mkdir mount
unshare -m sh -c 'mount -t tmpfs -o ro none mount && exec node_modules/node/bin/node see.mjs' | tee seen
grep -qx 'recursive false: EROFS' seen
grep -qx 'recursive true: ENOENT' seen
echo 'As stated above.'
