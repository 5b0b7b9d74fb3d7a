const { readdirSync } = require('node:fs')
const { join } = require('node:path')

/**
 * Import directions (docs/design.md#where-things-live), checked by `npm run check:imports`. Imports of types count too.
 * The Temporal bundler accepts a database schema inside a workflow without a word, so this is what keeps `workflows/`
 * deterministic.
 */
const OURS = [
  'protocol',
  'workflows',
  'activities',
  'chain',
  'db',
  'provers',
  'kinds',
  'workers',
  'client',
  'config',
  'contracts',
  'dev',
  'bench',
  'test',
]

/** A folder may import itself and these; nothing else of ours. */
function mayImport(folder, allowed, why) {
  const others = OURS.filter((name) => name !== folder && !allowed.includes(name))
  return {
    name: `${folder}-imports-${allowed.length === 0 ? 'nothing-of-ours' : allowed.join('-').replaceAll('/', '')}`,
    comment: why,
    severity: 'error',
    from: { path: `^${folder}/` },
    to: { path: `^(${others.join('|')})/`, pathNot: '^contracts/abi[.]ts$' },
  }
}

/**
 * The wings of a layer know only those that are named before them, so there are no circles among them. What a layer has
 * beside its wings is for all of them.
 */
function wingsInOrder(layer, wings) {
  const unnamed = foldersOf(layer).filter((folder) => !wings.includes(folder))
  if (unnamed.length > 0)
    throw new Error(
      `.dependency-cruiser.cjs names no place in the order for: ${unnamed.map((one) => `${layer}/${one}`).join(', ')}`,
    )
  return wings.map((wing, i) => ({
    name: `${layer}-${wing}-knows-wings-before-it`,
    comment: `The order of wings in ${layer}/: ${wings.join(', ')}.`,
    severity: 'error',
    from: { path: `^${layer}/${wing}/` },
    to: { path: `^${layer}/(${wings.slice(i + 1).join('|') || 'none'})/` },
  }))
}

/** Of code: migrations are data. */
const foldersOf = (layer) =>
  readdirSync(join(__dirname, layer), { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() && one.name !== 'migrations' ? [one.name] : [],
  )

/** Packages that are no I/O, no clock and no randomness. */
const PURE_PACKAGES = 'node_modules/(@temporalio/(common|workflow)|viem|zod)/'

module.exports = {
  forbidden: [
    mayImport('protocol', [], 'The domain is pure: everything else may depend on it.'),
    mayImport(
      'workflows',
      ['protocol'],
      'A workflow reaches the world through activities, whose interfaces are in protocol/.',
    ),
    mayImport(
      'activities',
      ['protocol', 'chain', 'db', 'provers', 'kinds'],
      'Activities touch the world through these.',
    ),
    mayImport('chain', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport('db', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport('provers', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport(
      'kinds',
      ['protocol', 'provers', 'chain'],
      'A kind knows proofs and contracts, not where they are stored or who runs them.',
    ),
    mayImport('config', ['protocol'], 'The configuration file is read without a database or a chain.'),
    mayImport('contracts', ['protocol'], 'Compiling and deploying needs nothing but the domain.'),
    mayImport(
      'workers',
      OURS.filter((name) => !['client', 'dev', 'bench', 'test'].includes(name)),
      'Commands start processes, not the other way.',
    ),
    ...wingsInOrder('protocol', ['base', 'proof', 'sequence', 'sender', 'rollup', 'operator', 'temporal']),
    ...wingsInOrder('workflows', ['operator', 'proof', 'sequence', 'rollup', 'sender', 'chain']),
    ...wingsInOrder('activities', ['prover', 'chain', 'rollup', 'proof', 'sequence', 'sender', 'operator']),
    ...wingsInOrder('chain', ['endpoints', 'trials', 'contract', 'transactions']),
    ...wingsInOrder('db', ['connection', 'schema', 'deployment', 'proofs', 'archive', 'attempts', 'decisions']),
    ...wingsInOrder('workers', ['temporal', 'kinds', 'preflight']),
    {
      name: 'only-the-wire-knows-temporal',
      comment: 'What is decided is the same without Temporal.',
      severity: 'error',
      from: { path: '^protocol/', pathNot: '^protocol/temporal/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'one-kind-knows-no-other',
      comment: 'Nothing outside the folder of a kind knows which kind it is.',
      severity: 'error',
      from: { path: '^kinds/([^/]+)/' },
      to: { path: '^kinds/[^/]+/', pathNot: '^kinds/$1/' },
    },
    {
      name: 'one-backend-knows-no-other',
      comment: 'What two backends need belongs to neither.',
      severity: 'error',
      from: { path: '^provers/([^/]+)/' },
      to: { path: '^provers/[^/]+/', pathNot: '^provers/$1/' },
    },
    {
      name: 'kinds-take-only-the-abi-of-chain',
      comment: 'Who talks to a node is decided in chain/.',
      severity: 'error',
      from: { path: '^kinds/' },
      to: { path: '^chain/', pathNot: '^chain/abi[.]ts$' },
    },
    {
      name: 'pure-folders-use-pure-packages',
      comment: 'protocol/ runs inside workflows: no Node, no I/O, no clock.',
      severity: 'error',
      from: { path: '^(protocol|workflows)/', pathNot: '[.]test[.]ts$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: PURE_PACKAGES,
      },
    },
    {
      name: 'product-knows-no-development-code',
      comment: 'dev/, bench/ and test/ use the product, not the other way round.',
      severity: 'error',
      from: {
        path: `^(${OURS.filter((name) => !['dev', 'bench', 'test'].includes(name)).join('|')})/`,
        pathNot: '[.]test[.]ts$',
      },
      to: { path: '^(dev|bench|test)/' },
    },
    {
      name: 'product-uses-no-development-packages',
      comment: 'They are not installed in production.',
      severity: 'error',
      from: {
        path: '^[a-z]+/',
        pathNot: ['^(bench|test)/', '[.]test[.]ts$', '^dev/checks/', 'drizzle[.]config[.]ts$'],
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no inside.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'imports-resolve',
      comment: 'A missing file or package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'imports-are-declared',
      comment: 'A package that package.json does not name.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|coverage|circuits/target)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
