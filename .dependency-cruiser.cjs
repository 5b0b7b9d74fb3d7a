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
  'circuits',
  'bench',
  'dev',
  'findings',
  'test',
]

/** What isn't part of the product: it uses the product, not the other way round. */
const DEVELOPMENT = ['bench', 'dev', 'findings', 'test']

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

/** Lists folders of code: migrations are data. */
const foldersOf = (layer) =>
  readdirSync(join(__dirname, layer), { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() && one.name !== 'migrations' ? [one.name] : [],
  )

/** Where kinds are registered, each with the backend that proves it. */
const KIND_REGISTRY = '^workers/kinds/kinds[.]ts$'

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
      ['protocol', 'chain', 'db'],
      'Activities touch the world through these. A kind and its backend are handed to them.',
    ),
    mayImport('chain', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport('db', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport('provers', ['protocol'], 'chain/, db/ and provers/ do not know each other.'),
    mayImport('kinds', ['protocol', 'provers'], 'A kind knows what backends ask of it, not who runs it.'),
    mayImport('config', ['protocol', 'provers'], 'The configuration file is read without a database or a chain.'),
    mayImport('contracts', ['protocol'], 'Compiling and deploying needs nothing but the domain.'),
    mayImport(
      'workers',
      OURS.filter((name) => !['client', ...DEVELOPMENT].includes(name)),
      'Commands start processes, not the other way.',
    ),
    ...wingsInOrder('protocol', ['base', 'proof', 'sequence', 'sender', 'rollup', 'operator', 'temporal']),
    ...wingsInOrder('workflows', ['operator', 'proof', 'sequence', 'rollup', 'sender', 'chain']),
    ...wingsInOrder('activities', ['prover', 'chain', 'rollup', 'proof', 'sequence', 'sender', 'operator']),
    ...wingsInOrder('chain', ['endpoints', 'trials', 'contract', 'transactions']),
    ...wingsInOrder('db', ['connection', 'schema', 'deployment', 'proofs', 'archive', 'attempts', 'decisions']),
    ...wingsInOrder('workers', ['temporal', 'execution', 'kinds', 'preflight']),
    {
      name: 'only-the-wire-knows-temporal',
      comment: 'What is decided is the same without Temporal.',
      severity: 'error',
      from: { path: '^protocol/', pathNot: '^protocol/temporal/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'one-kind-knows-no-other',
      comment: 'What two kinds need belongs to neither.',
      severity: 'error',
      from: { path: '^kinds/([^/]+)/' },
      to: { path: '^kinds/[^/]+/', pathNot: '^kinds/$1/' },
    },
    {
      name: 'only-the-registry-knows-kinds',
      comment: 'Nothing outside the folder of a kind knows which kind it is.',
      severity: 'error',
      from: { pathNot: [`^(kinds|${DEVELOPMENT.join('|')})/`, KIND_REGISTRY] },
      to: { path: '^kinds/[^/]+/' },
    },
    {
      name: 'the-registry-knows-one-object-of-each-kind',
      comment: 'Whatever else is in the folder of a kind is its own.',
      severity: 'error',
      from: { path: KIND_REGISTRY },
      to: { path: '^kinds/', pathNot: '^kinds/[^/]+/kind[.]ts$' },
    },
    {
      name: 'one-backend-knows-no-other',
      comment: 'What two backends need belongs to neither.',
      severity: 'error',
      from: { path: '^provers/([^/]+)/' },
      to: { path: '^provers/[^/]+/', pathNot: '^provers/$1/' },
    },
    {
      name: 'only-registries-know-backends',
      comment: 'A kind is proved by whichever backend its entry names; the file takes the settings of all.',
      severity: 'error',
      from: { pathNot: [`^(kinds|provers|${DEVELOPMENT.join('|')})/`, KIND_REGISTRY] },
      to: { path: '^provers/', pathNot: '^provers/backends[.]ts$' },
    },
    {
      name: 'registries-know-one-object-of-each-backend',
      comment: 'Whatever else is in the folder of a backend is its own.',
      severity: 'error',
      from: { path: ['^provers/backends[.]ts$', KIND_REGISTRY] },
      to: { path: '^provers/', pathNot: '^provers/([^/]+/backend|backends)[.]ts$' },
    },
    {
      name: 'kinds-know-what-backends-ask-for',
      comment: 'A kind tells each backend of its circuits; it runs none.',
      severity: 'error',
      from: { path: '^kinds/' },
      to: { path: '^provers/', pathNot: '^provers/[^/]+/circuits[.]ts$' },
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
      comment: 'What uses the product is not part of it.',
      severity: 'error',
      from: {
        path: `^(${OURS.filter((name) => !DEVELOPMENT.includes(name)).join('|')})/`,
        pathNot: '[.]test[.]ts$',
      },
      to: { path: `^(${DEVELOPMENT.join('|')})/` },
    },
    {
      name: 'product-uses-no-development-packages',
      comment: 'They are not installed in production.',
      severity: 'error',
      from: {
        path: '^[a-z]+/',
        pathNot: ['^(bench|findings|test)/', '[.]test[.]ts$', '^dev/checks/', 'drizzle[.]config[.]ts$'],
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
