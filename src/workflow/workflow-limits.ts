/** How large a definition may be; `parseWorkflow` refuses what is larger. */
export const workflowLimits = {
  /** Nodes, those in bodies included. */
  nodes: 500,
  /** Edges, those in bodies included. */
  edges: 5000,
  /** How deep bodies may be nested. */
  nesting: 5,
  /** How deep workflows may name other workflows. */
  subworkflows: 10,
  /** How deep the JSON of a definition may be nested. */
  jsonDepth: 40,
  /** Characters of the name of a workflow. */
  nameLength: 200,
  /** Characters of an id. */
  idLength: 100,
  /** Characters of a single text: a description, a prompt, a condition. */
  textLength: 100_000,
  /** Characters of all keys and texts of a definition together. */
  totalLength: 1_000_000,
  /** Characters of a text once its templates are filled in. */
  renderedLength: 10_000_000,
  /** Turns that a loop may ask for with `max_iterations`. */
  iterations: 10_000,
  /** Faults that are listed of one definition. */
  faults: 100,
} as const

/** What the id of a node is made of: letters, digits, `_` and `-`. */
export const idPattern: RegExp = /^[\p{L}\p{N}_-]+$/u

/** Names that templates and outputs have for something else. */
export const reservedIds: ReadonlySet<string> = new Set([
  'input',
  'previous',
  'config',
  'output',
  'nodes',
  'item',
  'index',
  'last',
  'fail',
  'continue',
])

/** Keys that must not come from outside: they lead to the prototypes of objects. */
export const prototypeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
