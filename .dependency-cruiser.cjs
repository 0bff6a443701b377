// Which folder of src may import which, types included. A folder imports only what stands above it in this table.
const errors = []
const schema = ['errors']
const core = ['errors', 'schema']
const ports = [...core, 'core']
const chat = [...ports, 'resilience', 'durability', 'graph', 'agents']
const frontEnd = [...chat, 'chat']
const serving = [...frontEnd, 'observability', 'stages', 'topology', 'workflow', 'plan']
const everything = [...serving, 'serving', 'distributed']

/** @type {Record<string, { mayImport: string[], node?: boolean, publicDoorsOnly?: boolean }>} */
const layers = {
  errors: { mayImport: errors },
  schema: { mayImport: schema },
  core: { mayImport: core },
  resilience: { mayImport: ports },
  durability: { mayImport: ports, node: true },
  observability: { mayImport: ['errors', 'core'] },
  graph: { mayImport: ports },
  agents: { mayImport: [...ports, 'resilience'] },
  chat: { mayImport: chat },
  stages: { mayImport: frontEnd },
  topology: { mayImport: frontEnd },
  workflow: { mayImport: frontEnd },
  plan: { mayImport: frontEnd },
  serving: { mayImport: serving, node: true },
  distributed: { mayImport: [...ports, 'durability', 'resilience'], node: true },
  testing: { mayImport: everything, node: true },
  cli: { mayImport: everything, node: true, publicDoorsOnly: true },
}

const folders = Object.keys(layers)
const oneOf = names => `(${names.join('|')})`
const having = property => folders.filter(folder => layers[folder][property])

const layerRules = folders.map(folder => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import ${layers[folder].mayImport.join(', ') || 'nothing else of src'}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/[^/]+/', pathNot: `^src/${oneOf([folder, ...layers[folder].mayImport])}/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'layer-unknown',
      comment: 'A folder of src needs a row in the table of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/${oneOf(folders)}/` },
      to: {},
    },
    {
      name: 'door',
      comment: 'A sibling folder is entered through its index.ts or internal.ts.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/($1/|[^/]+/(index|internal)\\.ts$)' },
    },
    {
      name: 'public-door',
      comment: 'The root index and the command line use what users can use: index.ts.',
      severity: 'error',
      from: { path: `^src/([^/]+\\.ts$|${oneOf(having('publicDoorsOnly'))}/)` },
      to: {
        path: '^src/[^/]+/',
        pathNot: `^src/(${oneOf(having('publicDoorsOnly'))}/|[^/]+/index\\.ts$)`,
      },
    },
    {
      name: 'own-door',
      comment: 'Inside a folder import the file itself, not the door of the folder.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '^src/[^/]+/(index|internal)\\.ts$' },
      to: { path: '^src/$1/(index|internal)\\.ts$' },
    },
    {
      name: 'root-door',
      comment: 'The root index is for users of the package; nothing in src imports it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'root-testing',
      comment: 'Test doubles have their own subpath; the root index does not load them.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/(testing|cli)/' },
    },
    {
      name: 'outside-src',
      comment: 'What is published does not import tests, samples or scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: ['^src/', 'node_modules/'], dependencyTypesNot: ['core'], couldNotResolve: false },
    },
    {
      name: 'browser-page',
      comment: 'The page of the monitor is loaded by browsers as it is compiled: its modules import each other only.',
      severity: 'error',
      from: { path: '^src/serving/monitor/page/' },
      to: { pathNot: '^src/serving/monitor/page/' },
    },
    {
      name: 'cycle',
      comment:
        'No file needs itself to load. (Concepts may name each other as types, inside a folder only: see the layers.)',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'node-built-in',
      comment: 'This folder runs wherever JavaScript runs, so it uses no Node built-in.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${oneOf(having('node'))}/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'undeclared-package',
      comment: 'A package used by src is a dependency or a peer dependency.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: 'node_modules/',
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'unresolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
