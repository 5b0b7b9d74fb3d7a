#!/usr/bin/env bash
# Software: Node.js 24.21.0 (npm package `node`, OpenSSL's scrypt) and @noble/hashes 1.8.0.
# Guess:    a keystore with n=262144, r=1, p=8, which is in the test vectors of Ethereum's Web3 Secret Storage, opens
#           when `maxmem` is raised: the error says "memory limit exceeded".
# Seen:     no maxmem helps. RFC 7914 wants n < 2^(16 r), OpenSSL keeps to that, and Node words it as a matter of
#           memory: n=32768 with r=1 works, n=65536 doesn't, though both take a few MiB. @noble/hashes derives a key
#           from either.
# Why it matters: such keystores exist (geth and brownie wrote them), and hold keys of miners.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --allow-scripts=node node@24.21.0 @noble/hashes@1.8.0 2>/dev/null || npm install --silent --no-audit --no-fund node@24.21.0 @noble/hashes@1.8.0
cat > see.js <<'JS'
import { scryptSync } from 'node:crypto'
import { scrypt } from '@noble/hashes/scrypt.js'
const salt = Buffer.alloc(32, 7)
const derive = (N) => {
  try {
    return scryptSync('password', salt, 32, { N, r: 1, p: 8, maxmem: 2 ** 31 }).toString('hex')
  } catch (error) {
    return `${error.code}: ${error.message}`
  }
}
const [below, above] = [derive(32_768), derive(65_536)]
const noble = (N) => Buffer.from(scrypt('password', salt, { N, r: 1, p: 8, dkLen: 32 })).toString('hex')
console.log({ node: process.version, 'n=32768': below, 'n=65536': above, 'n=65536 by noble': noble(65_536) })
const isAsDescribed = below === noble(32_768) && /memory limit exceeded/i.test(above)
console.log(isAsDescribed ? 'as described' : 'CHANGED')
process.exit(isAsDescribed ? 0 : 1)
JS
node_modules/.bin/node see.js
