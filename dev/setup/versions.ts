import packageJson from '../../package.json' with { type: 'json' }

/** Exactly pinned, so these are the installed versions. */
export const BB_VERSION = packageJson.dependencies['@aztec/bb.js']
export const NOIR_VERSION = packageJson.dependencies['@noir-lang/noir_wasm']
