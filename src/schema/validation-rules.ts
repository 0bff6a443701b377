import { getMetadataStorage } from 'class-validator'
import type { PayloadClass } from './type-ref.js'

/** One decorator of class-validator on one property. */
export type ValidationRule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number]

/** The values of `type` that class-validator treats in a way of their own; everything else is a constraint. */
export const ruleType = {
  conditional: 'conditionalValidation',
  nested: 'nestedValidation',
  promise: 'promiseValidation',
  allowed: 'whitelistValidation',
} as const

/** The rules in force for a class: its own, and those of its ancestors that it does not override. */
export function validationRulesOf(target: PayloadClass): readonly ValidationRule[] {
  return getMetadataStorage().getTargetValidationMetadatas(target, '', false, false)
}
