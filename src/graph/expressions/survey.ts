import type { ASTNode } from '@marcbachmann/cel-js'
import { didYouMean } from '../../errors/internal.js'
import type { ExpressionPath } from './condition.js'
import { forbiddenNames, functions, macros, methods, ownNames } from './language.js'

/** What is known of an expression before it is evaluated. */
export interface Survey {
  readonly paths: readonly ExpressionPath[]
  /** How many loops over what it reads are inside of each other at most. */
  readonly loops: number
  /** How many times as long as what it reads a list can become that it makes. */
  readonly growth: number
  /** How many searches in texts there are inside of such loops. */
  readonly searches: number
}

/** Something that is not let through. */
export interface Refusal {
  /** Where it is, counted from 0. */
  readonly position: number
  readonly problem: string
}

/** Looks through an expression for what it reads and for what is not let through. */
export function surveyOf(root: ASTNode): Survey | Refusal {
  const surveyor = new Surveyor()
  const loops = surveyor.visit(root, new Set())
  return (
    surveyor.refusal ?? {
      paths: [...surveyor.paths.values()],
      loops,
      growth: surveyor.growth,
      searches: surveyor.searches,
    }
  )
}

class Surveyor {
  readonly paths = new Map<string, ExpressionPath>()
  growth = 1
  searches = 0
  refusal: Refusal | undefined

  /** Returns how many loops are inside of each other there; `bound` are the names that calls around it give to items. */
  visit(node: ASTNode, bound: ReadonlySet<string>): number {
    const path = this.#pathOf(node, bound)
    if (path !== undefined) {
      this.paths.set(JSON.stringify(path), path)
      return this.#visitDynamicPart(node, bound)
    }
    switch (node.op) {
      case 'call':
        return this.#visitCall(node, node.args[0], functions, node.args[1], bound)
      case 'rcall':
        return this.#visitMethod(node, node.args, bound)
      case 'in':
        this.#countSearch(bound)
        return Math.max(this.#visitAll(node.args, bound), this.#looksThrough(node.args, bound))
      case '==':
      case '!=':
        return Math.max(this.#visitAll(node.args, bound), this.#comparesWholes(node.args, bound))
      case '+':
        if (node.args.every(side => side.op !== 'value')) this.growth++
        return this.#visitAll(node.args, bound)
      default:
        this.#checkName(node, bound)
        return this.#visitAll(childrenOf(node), bound)
    }
  }

  #visitMethod(
    node: ASTNode,
    [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
    bound: ReadonlySet<string>,
  ): number {
    const variable = args[0]
    if (methods.includes(name)) this.#countSearch(bound)
    if (!macros.includes(name) || variable?.op !== 'id') {
      return this.#visitCall(node, name, [...methods, ...macros], [receiver, ...args], bound)
    }
    this.#checkText(variable.args, variable)
    const body = this.#visitAll(args.slice(1), new Set([...bound, variable.args]))
    return Math.max(this.visit(receiver, bound), 1 + body)
  }

  #visitCall(
    node: ASTNode,
    name: string,
    known: readonly string[],
    args: readonly ASTNode[],
    bound: ReadonlySet<string>,
  ): number {
    if (name === 'matches') {
      this.#refuse(
        node,
        '`matches` is not there, because a pattern can take for ever. Use contains(), startsWith() or endsWith().',
        name,
      )
    } else if (!known.includes(name)) {
      const offered = known.map(each => `${each}()`)
      this.#refuse(node, `there is no call \`${name}()\` in this place. ${didYouMean(`${name}()`, offered, '')}`, name)
    }
    return this.#visitAll(args, bound)
  }

  #visitAll(nodes: readonly ASTNode[], bound: ReadonlySet<string>): number {
    return nodes.reduce((most, node) => Math.max(most, this.visit(node, bound)), 0)
  }

  /** Indexes that are computed, inside of a path or behind it. */
  #visitDynamicPart(node: ASTNode, bound: ReadonlySet<string>): number {
    if (node.op === 'id') return 0
    if (node.op === '.' || node.op === '.?') return this.#visitDynamicPart(node.args[0], bound)
    if (node.op !== '[]' && node.op !== '[?]') return 0
    return Math.max(this.#visitDynamicPart(node.args[0], bound), this.visit(node.args[1], bound))
  }

  #countSearch(bound: ReadonlySet<string>): void {
    if (bound.size > 0) this.searches++
  }

  #looksThrough([, list]: readonly [ASTNode, ASTNode], bound: ReadonlySet<string>): number {
    return list.op === 'list' || bound.size === 0 || names(list).some(name => bound.has(name)) ? 0 : 1
  }

  /** Items that are compared are together no more than there is; what is not an item is compared anew for each. */
  #comparesWholes(sides: readonly [ASTNode, ASTNode], bound: ReadonlySet<string>): number {
    const whole = (side: ASTNode): boolean => side.op !== 'value' && !names(side).some(name => bound.has(name))
    return bound.size > 0 && sides.every(whole) ? 1 : 0
  }

  /** The static part of a reference, if `node` is one. */
  #pathOf(node: ASTNode, bound: ReadonlySet<string>): ExpressionPath | undefined {
    const segments: (string | number)[] = []
    let at = node
    for (;;) {
      this.#checkName(at, bound)
      if (at.op === 'id') return bound.has(at.args) ? undefined : [at.args, ...segments]
      if (at.op !== '.' && at.op !== '.?' && at.op !== '[]' && at.op !== '[?]') return undefined
      const segment = at.op === '.' || at.op === '.?' ? at.args[1] : keyOf(at.args[1])
      if (segment === undefined) segments.length = 0
      else segments.unshift(segment)
      at = at.args[0]
    }
  }

  #checkName(node: ASTNode, bound: ReadonlySet<string>): void {
    if (node.op === 'id') {
      this.#checkText(node.args, node)
      if (ownNames.has(node.args) && !bound.has(node.args)) {
        this.#refuse(node, `\`${node.args}\` is a word of the language, not a name of a value.`)
      }
    }
    if (node.op === '.' || node.op === '.?') this.#checkText(node.args[1], node)
    if (node.op === '[]' || node.op === '[?]') this.#checkText(keyOf(node.args[1]), node.args[1])
  }

  #checkText(name: unknown, node: ASTNode): void {
    if (typeof name === 'string' && forbiddenNames.has(name)) {
      this.#refuse(node, `\`${name}\` cannot be read; expected is a name in plain data.`)
    }
  }

  #refuse(node: ASTNode, problem: string, name?: string): void {
    const receiver = node.op === 'rcall' ? node.args[1].end : node.start
    const position = name === undefined ? node.pos : Math.max(node.start, node.input.indexOf(name, receiver))
    this.refusal ??= { position, problem }
  }
}

function keyOf(node: ASTNode): string | number | undefined {
  if (node.op !== 'value') return undefined
  if (typeof node.args === 'string') return node.args
  return typeof node.args === 'bigint' || typeof node.args === 'number' ? Number(node.args) : undefined
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case '!_':
    case '-_':
      return [node.args]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    default:
      return node.args
  }
}

function names(node: ASTNode): readonly string[] {
  return node.op === 'id' ? [node.args] : childrenOf(node).flatMap(names)
}
