import { OrchestrationError } from '../../errors/index.js'
import { workflowLimits } from '../workflow-limits.js'
import { type Reference, readTemplateText } from './template-text.js'
import { pathText, valueAt } from './value-path.js'

/** What templates read by the first name of their paths. */
export interface Values {
  /** `undefined` if there is none of this name. */
  of(root: string): unknown
  /** Why there is none, for the message: `was skipped`. */
  whyNot(root: string): string | undefined
}

/** A reference with the place of its text, inside of what the template was made of. */
export interface PlacedReference extends Reference {
  readonly place: string
}

/** A text that is no template. */
export interface TemplateProblem {
  readonly place: string
  readonly problem: string
  readonly position: number
}

type Node =
  | { readonly kind: 'plain'; readonly value: unknown }
  | { readonly kind: 'value'; readonly reference: Reference; readonly place: string }
  | { readonly kind: 'text'; readonly parts: readonly (string | Reference)[]; readonly place: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Node])[] }

/** JSON with templates in its texts. A text that is only one template keeps the type of the value; others are filled in. */
export class Template {
  /** What it reads, in the order of the text. */
  readonly references: readonly PlacedReference[]
  readonly #root: Node

  private constructor(root: Node, references: readonly PlacedReference[]) {
    this.#root = root
    this.references = references
  }

  /** Reads a template; `problems` gets the texts that are none. */
  static read(json: unknown, place: string, problems: TemplateProblem[]): Template {
    const references: PlacedReference[] = []
    return new Template(nodeOf(json, place, references, problems), references)
  }

  /** @throws TEMPLATE_FAILED, naming the node, where the template is written, and the path that is not there */
  render(nodeId: string, values: Values): unknown {
    return rendered(this.#root, nodeId, values)
  }
}

function nodeOf(json: unknown, place: string, references: PlacedReference[], problems: TemplateProblem[]): Node {
  if (typeof json === 'string') return textNode(json, place, references, problems)
  if (Array.isArray(json)) {
    const items = json.map((item, index) => nodeOf(item, `${place}[${index}]`, references, problems))
    return items.every(isPlain) ? { kind: 'plain', value: json } : { kind: 'list', items }
  }
  if (typeof json !== 'object' || json === null) return { kind: 'plain', value: json }
  const entries = Object.entries(json).map(
    ([key, value]) => [key, nodeOf(value, placeOf(place, key), references, problems)] as const,
  )
  return entries.every(([, node]) => isPlain(node)) ? { kind: 'plain', value: json } : { kind: 'object', entries }
}

function isPlain(node: Node): boolean {
  return node.kind === 'plain'
}

/** The place of a key of an object. */
export function placeOf(place: string, key: string): string {
  if (!/^[\p{L}\p{N}_$-]+$/u.test(key)) return `${place}[${JSON.stringify(key)}]`
  return place === '' ? key : `${place}.${key}`
}

function textNode(text: string, place: string, references: PlacedReference[], problems: TemplateProblem[]): Node {
  const read = readTemplateText(text)
  if ('problem' in read) {
    problems.push({ place, ...read })
    return { kind: 'plain', value: text }
  }
  const { parts } = read
  for (const part of parts) if (typeof part !== 'string') references.push({ ...part, place })
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') {
    return { kind: 'value', reference: only, place }
  }
  if (parts.every(part => typeof part === 'string')) return { kind: 'plain', value: parts.join('') }
  return { kind: 'text', parts, place }
}

function rendered(node: Node, nodeId: string, values: Values): unknown {
  switch (node.kind) {
    case 'plain':
      return node.value
    case 'value':
      return valueOf(node.reference, node.place, nodeId, values) ?? null
    case 'text':
      return filledIn(node.parts, node.place, nodeId, values)
    case 'list':
      return node.items.map(item => rendered(item, nodeId, values))
    case 'object':
      return Object.fromEntries(node.entries.map(([key, value]) => [key, rendered(value, nodeId, values)]))
  }
}

function filledIn(parts: readonly (string | Reference)[], place: string, nodeId: string, values: Values): string {
  let text = ''
  for (const part of parts) {
    text += typeof part === 'string' ? part : asText(valueOf(part, place, nodeId, values))
    if (text.length > workflowLimits.renderedLength) throw tooLong(place, nodeId)
  }
  return text
}

function tooLong(place: string, nodeId: string): OrchestrationError {
  return new OrchestrationError(
    `Node "${nodeId}": the text at ${place} is longer than ${workflowLimits.renderedLength} characters once it is filled in. ` +
      'Hand over the values themselves instead, each as a text that is only a template.',
    { code: 'TEMPLATE_FAILED', details: { node: nodeId, place } },
  )
}

/** `undefined` for an optional one that is not there. */
function valueOf({ path, optional }: Reference, place: string, nodeId: string, values: Values): unknown {
  const [root, ...rest] = path
  const from = values.of(root)
  const value = from === undefined ? undefined : valueAt(from, rest)
  if (value !== undefined || optional) return value
  throw missing(path, place, nodeId, from === undefined ? values.whyNot(root) : undefined)
}

function asText(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

function missing(path: Reference['path'], place: string, nodeId: string, why: string | undefined): OrchestrationError {
  const text = pathText(path)
  const reason = why === undefined ? '' : ` (${why})`
  return new OrchestrationError(
    `Node "${nodeId}": the template {{${text}}} at ${place} reads a value that is not there${reason}. ` +
      `Write {{${text}?}} if it may be missing.`,
    { code: 'TEMPLATE_FAILED', details: { node: nodeId, path: text, place } },
  )
}
