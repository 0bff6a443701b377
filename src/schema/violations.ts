import { type ValidationError, type ValidatorOptions, validate, validateSync } from 'class-validator'
import type { PayloadIssue } from './payload-error.js'
import { type PayloadPath, printPath } from './payload-path.js'
import { declaredConstraint, propertyNotesOf } from './property-notes.js'
import { isPlainObject, receivedType } from './received-type.js'
import type { Schema } from './schema.js'
import type { PayloadClass } from './type-ref.js'
import { problemsOf } from './value-check.js'

// A nested plain object whose class nobody declared must not pass unvalidated, hence no `forbidUnknownValues: false`.
const options: ValidatorOptions = { forbidUnknownValues: true, validationError: { target: true, value: true } }

/** What class-validator finds wrong with an instance, asynchronous validators left out. */
export function violationsOf(instance: object, path: PayloadPath): PayloadIssue[] {
  return flatten(validateSync(instance, options), path, instance)
}

/** What class-validator finds wrong with an instance. */
export async function awaitedViolationsOf(instance: object, path: PayloadPath): Promise<PayloadIssue[]> {
  return flatten(await validate(instance, options), path, instance)
}

function flatten(errors: readonly ValidationError[], path: PayloadPath, parent: unknown): PayloadIssue[] {
  return errors.flatMap(error => {
    if (error.property === undefined) return unknownClass(error, path)
    const inList = Array.isArray(parent) || parent instanceof Set
    const segments = [...path, inList ? Number(error.property) : error.property]
    const declared = declaredType(error)
    if (declared !== undefined) return [...problemsOf(declared, error.value, segments)]
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
      path: printPath(segments),
      segments,
      message: placed(message, error.property, printPath(segments)),
      received: receivedType(error.value),
      constraint,
    }))
    return [...own, ...flatten(error.children ?? [], segments, error.value)]
  })
}

/** The type that this package's decorators gave a property, if the value is not of it: it knows what is wrong inside. */
function declaredType({ target, property, constraints }: ValidationError): Schema | undefined {
  if (constraints?.[declaredConstraint] === undefined || typeof target !== 'object') return undefined
  return propertyNotesOf(target.constructor as PayloadClass).get(property)?.declared
}

function unknownClass(error: ValidationError, path: PayloadPath): PayloadIssue[] {
  if (!isPlainObject(error.target)) return []
  const message = `${printPath(path)} is a plain object whose class is not known (declare it with \`@Type(() => …)\`)`
  return [{ path: printPath(path), segments: path, message, received: 'object', constraint: 'type' }]
}

const subject = /^((?:each value in )?(?:nested property )?)(\S+)(?= )/

function placed(message: string, property: string, path: string): string {
  const [found, lead, name] = subject.exec(message) ?? []
  return found !== undefined && name === property
    ? `${lead ?? ''}${path}${message.slice(found.length)}`
    : `${path}: ${message}`
}
