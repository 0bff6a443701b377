import { OrchestrationError } from '../errors/index.js'
import { type AgentTool, type ToolBehaviour, type ToolContext, tool } from './tool.js'

/** What {@link Tool} takes. */
export interface ToolDecoratorOptions<TArgs> extends ToolBehaviour<TArgs> {
  /** What the model calls it. @default the method's name */
  readonly name?: string
}

/** Decorates a method; serves TypeScript's older decorators and the standard ones. */
export interface ToolDecorator<TArgs> {
  <T extends (args: TArgs, context: ToolContext) => unknown>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<T>,
  ): void
  <T extends (args: TArgs, context: ToolContext) => unknown>(method: T, context: ClassMethodDecoratorContext): void
}

type AnyOptions = ToolDecoratorOptions<any> // any: what a tool takes is checked where it is declared

const ofPrototype = new WeakMap<object, Map<string | symbol, AnyOptions>>()
const ofMethod = new WeakMap<object, AnyOptions>()

/**
 * Declares a method to be a tool; {@link toolsOf} collects them.
 *
 * ```ts
 * class Library {
 *   @Tool({ description: 'Finds passages', parameters: SearchArgs })
 *   search({ query }: SearchArgs) { return this.index.find(query) }
 * }
 * new Agent({ client, model, tools: toolsOf(new Library()) })
 * ```
 *
 * An overriding method inherits the declaration. {@link tool} makes a tool without a decorator.
 */
export function Tool<TArgs extends object = Record<string, never>>(
  options: ToolDecoratorOptions<TArgs>,
): ToolDecorator<TArgs> {
  return (target: object, where: string | symbol | ClassMethodDecoratorContext) => {
    if (typeof where === 'object') {
      ofMethod.set(target, options)
      return
    }
    let declared = ofPrototype.get(target)
    if (declared === undefined) ofPrototype.set(target, (declared = new Map()))
    declared.set(where, options)
  }
}

/**
 * The tools among the methods of an object, those of its class first, then those inherited, each in declared order.
 * @throws OPTION_INVALID if the object has none: a decorator is missing
 */
export function toolsOf(object: object): AgentTool[] {
  const found = new Map<string | symbol, AnyOptions>()
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    for (const key of Reflect.ownKeys(at)) {
      const options = ofPrototype.get(at)?.get(key) ?? declaredOn(at, key)
      if (options !== undefined && !found.has(key)) found.set(key, options)
    }
  }
  if (found.size === 0) {
    throw new OrchestrationError(`${object.constructor.name} has no method with @Tool().`, { code: 'OPTION_INVALID' })
  }
  return [...found].map(([key, options]) =>
    tool({
      ...options,
      name: options.name ?? String(key),
      execute: (args: object, context) =>
        (object as Record<string | symbol, (args: object, context: ToolContext) => unknown>)[key]?.(args, context),
    }),
  )
}

function declaredOn(holder: object, key: string | symbol): AnyOptions | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(holder, key)?.value
  return typeof value === 'function' ? ofMethod.get(value) : undefined
}
