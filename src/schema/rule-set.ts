import { getMetadataStorage, type ValidationArguments, type ValidatorConstraintInterface } from 'class-validator'
import { OrchestrationError } from '../errors/index.js'
import { className, isPlainObject } from './received-type.js'
import type { PayloadClass } from './type-ref.js'
import { ruleType, type ValidationRule, validationRulesOf } from './validation-rules.js'

interface Check {
  readonly rule: ValidationRule
  readonly constraint: ValidatorConstraintInterface
}

interface PropertyRules {
  readonly name: string
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[]
  readonly checks: readonly Check[]
  readonly nested: boolean
}

/**
 * The rules of one class, looked up once. `holds` answers what class-validator would, without building its error tree;
 * the tree is only built, by class-validator itself, once something is known to be wrong.
 */
export class RuleSet {
  readonly isEmpty: boolean
  /** Whether a rule of the class itself (not of a nested one) needs to be awaited. */
  readonly hasAsync: boolean
  /** The properties whose value is validated by the rules of its own class. */
  readonly nestedProperties: ReadonlySet<string>
  readonly #owner: PayloadClass
  readonly #properties: readonly PropertyRules[]

  constructor(owner: PayloadClass) {
    const rules = validationRulesOf(owner).filter(rule => rule.type !== ruleType.allowed)
    this.#owner = owner
    this.isEmpty = rules.length === 0
    this.hasAsync = rules.some(rule => rule.type === ruleType.promise || constraintsOf(rule).some(({ async }) => async))
    this.#properties = [...new Set(rules.map(rule => rule.propertyName))].map(name =>
      propertyRules(
        name,
        rules.filter(rule => rule.propertyName === name),
      ),
    )
    this.nestedProperties = new Set(this.#properties.filter(({ nested }) => nested).map(({ name }) => name))
  }

  /**
   * Whether an instance satisfies every rule, nested ones included.
   * @throws OrchestrationError `SCHEMA_UNSUPPORTED` if it meets an asynchronous validator that nothing announced.
   */
  holds(object: object): boolean {
    if (this.hasAsync) throw unannounced(this.#owner, 'an asynchronous validator')
    for (const property of this.#properties) {
      if (!this.#propertyHolds(property, object)) return false
    }
    return true
  }

  #propertyHolds(property: PropertyRules, object: object): boolean {
    const value = (object as Record<string, unknown>)[property.name]
    for (const condition of property.conditions) {
      if (!condition(object, value)) return true
    }
    for (const check of property.checks) {
      if (!this.#checkHolds(check, object, value)) return false
    }
    return !property.nested || nestedHolds(value)
  }

  #checkHolds({ rule, constraint }: Check, object: object, value: unknown): boolean {
    if (rule.validateIf && !rule.validateIf(object, value)) return true
    const args: ValidationArguments = {
      targetName: object.constructor.name,
      property: rule.propertyName,
      object,
      value,
      constraints: rule.constraints,
    }
    const items = rule.each ? itemsOf(value) : undefined
    if (items === undefined) return this.#verdict(rule, constraint.validate(value, args))
    for (const item of items) {
      if (!this.#verdict(rule, constraint.validate(item, args))) return false
    }
    return true
  }

  #verdict(rule: ValidationRule, verdict: unknown): boolean {
    if (verdict === true) return true
    if (typeof verdict === 'object' && verdict !== null && 'then' in verdict) {
      void Promise.resolve(verdict).catch(() => undefined)
      throw unannounced(this.#owner, `a validator of \`${rule.propertyName}\` that returned a promise`)
    }
    return Boolean(verdict)
  }
}

const ruleSets = new WeakMap<PayloadClass, RuleSet>()

/** The rules of a class. They are read at the first use; a decorator applied after that is not seen. */
export function ruleSetOf(target: PayloadClass): RuleSet {
  let found = ruleSets.get(target)
  if (found === undefined) {
    found = new RuleSet(target)
    ruleSets.set(target, found)
  }
  return found
}

function propertyRules(name: string, rules: readonly ValidationRule[]): PropertyRules {
  return {
    name,
    conditions: rules
      .filter(rule => rule.type === ruleType.conditional)
      .map(rule => rule.constraints[0] as (object: object, value: unknown) => boolean),
    checks: rules.flatMap(rule => constraintsOf(rule).map(({ instance }) => ({ rule, constraint: instance }))),
    nested: rules.some(rule => rule.type === ruleType.nested),
  }
}

function constraintsOf(rule: ValidationRule) {
  return getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls)
}

function nestedHolds(value: unknown): boolean {
  if (value === undefined) return true
  const items = itemsOf(value)
  if (items !== undefined) {
    for (const item of items) if (!nestedHolds(item)) return false
    return true
  }
  if (!(value instanceof Object)) return false
  const owner: unknown = value.constructor
  if (typeof owner !== 'function') return false
  const rules = ruleSetOf(owner as unknown as PayloadClass)
  return rules.isEmpty ? !isPlainObject(value) : rules.holds(value)
}

function itemsOf(value: unknown): Iterable<unknown> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>
  return value instanceof Map ? value.values() : undefined
}

function unannounced(owner: PayloadClass, what: string): OrchestrationError {
  return new OrchestrationError(
    `${className(owner)} has ${what}, which cannot be awaited here. Register the validator with \`async: true\`; ` +
      'if it belongs to a subclass or a nested class, name that class where the value is declared ' +
      '(`@Type`, `discriminator`).',
    { code: 'SCHEMA_UNSUPPORTED', details: { class: className(owner) } },
  )
}
