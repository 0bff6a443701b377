import { OrchestrationError } from './orchestration-error.js'

/** An option has a value it must not have. The message prints the option, what is expected, the value and its type. */
export class OptionError extends OrchestrationError {
  constructor(option: string, expected: string, value: unknown) {
    super(`Option \`${option}\` must be ${expected}, but is ${printed(value)} (${kind(value)}).`, {
      code: 'OPTION_INVALID',
      details: { option, expected },
    })
  }
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function printed(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return value.name === '' ? 'a function' : value.name
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value)
}
