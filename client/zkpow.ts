#!/usr/bin/env node
import { enableCompileCache, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

// Whoever waits for a process that was killed waits for this start: what makes it short comes before everything else.

// What Node makes of a thousand files is kept among the packages, where only those can write who may change the code.
// Where nobody can, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/zkpow/compiled', import.meta.url)))

// Node (24.21.0) reads the package.json of a package anew for each of its modules, and that of drizzle-orm (0.45.4) has
// 178 kB: half a second for its hundred modules. What these import from each other is what it says, and a module.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')
      ? { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context),
})

await import('./program.ts')
