import type { JsonSchema } from './json-schema.js'
import type { ValidationRule } from './validation-rules.js'

type Keywords = (first: unknown, second: unknown) => JsonSchema

const dateTime: JsonSchema = { type: 'string', format: 'date-time' }

const keywordsByName: ReadonlyMap<string, Keywords> = new Map<string, Keywords>([
  ['isString', () => ({ type: 'string' })],
  ['isNumber', () => ({ type: 'number' })],
  ['isInt', () => ({ type: 'integer' })],
  ['isBoolean', () => ({ type: 'boolean' })],
  ['isObject', () => ({ type: 'object' })],
  ['isNotEmptyObject', () => ({ type: 'object' })],
  ['isDate', () => dateTime],
  ['isDateString', () => dateTime],
  ['isIso8601', () => dateTime],
  ['isRFC3339', () => dateTime],
  ['minDate', () => dateTime],
  ['maxDate', () => dateTime],
  ['isEnum', entity => oneOf(enumValues(entity))],
  ['isIn', values => oneOf(Array.isArray(values) ? values : [])],
  ['equals', value => (isJsonPrimitive(value) ? { ...typeOfAll([value]), const: value } : {})],
  ['min', limit => numeric('minimum', limit)],
  ['max', limit => numeric('maximum', limit)],
  ['isPositive', () => numeric('exclusiveMinimum', 0)],
  ['isNegative', () => numeric('exclusiveMaximum', 0)],
  ['isDivisibleBy', divisor => numeric('multipleOf', divisor)],
  ['minLength', limit => ({ type: 'string', minLength: limit })],
  ['maxLength', limit => ({ type: 'string', maxLength: limit })],
  ['isLength', (min, max) => ({ type: 'string', minLength: min, ...(max === undefined ? {} : { maxLength: max }) })],
  ['matches', (pattern, modifiers) => ({ type: 'string', ...patternOf(pattern, modifiers) })],
  ['contains', part => ({ type: 'string', pattern: escaped(String(part)) })],
  ['isEmail', () => ({ type: 'string', format: 'email' })],
  ['isUrl', () => ({ type: 'string', format: 'uri' })],
  ['isUuid', () => ({ type: 'string', format: 'uuid' })],
  ['isFqdn', () => ({ type: 'string', format: 'hostname' })],
  ['isIp', version => ({ type: 'string', ...ipFormat(version) })],
  ['isArray', () => ({ type: 'array' })],
  ['arrayMinSize', limit => ({ type: 'array', minItems: limit })],
  ['arrayMaxSize', limit => ({ type: 'array', maxItems: limit })],
  ['arrayNotEmpty', () => ({ type: 'array', minItems: 1 })],
  ['arrayUnique', () => ({ type: 'array', uniqueItems: true })],
  ['arrayContains', () => ({ type: 'array' })],
  ['arrayNotContains', () => ({ type: 'array' })],
])

const stringChecks: ReadonlySet<string> = new Set(
  `
    isAlpha isAlphanumeric isAscii isBIC isBase32 isBase58 isBase64 isBooleanString isBtcAddress
    isByteLength isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress IsFirebasePushId
    isFullWidth isHSL isHalfWidth isHash isHexColor isHexadecimal isIBAN isISBN isIsbn isISIN isIsin
    isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric isISO4217CurrencyCode isISO6391 isISRC isISSN
    isIdentityCard isJson isJwt isLatLong isLocale isLowercase isMacAddress isMagnetURI isMilitaryTime
    isMimeType isMobilePhone isMongoId isMultibyte isNumberString isOctal isPassportNumber isPhoneNumber
    isPort isPostalCode isRgbColor isSemVer isStrongPassword isSurrogatePair isTaxId isTimeZone
    isUppercase isVariableWidth notContains
  `
    .trim()
    .split(/\s+/),
)

/** What one decorator of class-validator means in JSON Schema; nothing for those that have no counterpart. */
export function constraintKeywords(rule: ValidationRule): JsonSchema {
  const [first, second] = (rule.constraints ?? []) as unknown[]
  const keywords = keywordsByName.get(rule.name ?? '')
  if (keywords !== undefined) return keywords(first, second)
  return stringChecks.has(rule.name ?? '') ? { type: 'string' } : {}
}

/** Puts the keywords of several decorators on one property together. */
export function mergeKeywords(parts: readonly JsonSchema[]): JsonSchema {
  const merged: JsonSchema = {}
  for (const part of parts) {
    for (const [keyword, value] of Object.entries(part)) merged[keyword] = stricter(keyword, merged[keyword], value)
  }
  return merged
}

function stricter(keyword: string, before: unknown, after: unknown): unknown {
  if (before === undefined) return after
  if (keyword === 'type') return before === 'integer' && after === 'number' ? 'integer' : after
  if (/^(?:min|exclusiveMin)/.test(keyword)) return Math.max(before as number, after as number)
  if (/^(?:max|exclusiveMax)/.test(keyword)) return Math.min(before as number, after as number)
  return after
}

function enumValues(entity: unknown): unknown[] {
  if (typeof entity !== 'object' || entity === null) return []
  // A numeric enum also maps its numbers back to the names.
  return Object.entries(entity)
    .filter(([name]) => !/^-?\d/.test(name))
    .map(([, value]) => value)
}

function oneOf(values: readonly unknown[]): JsonSchema {
  if (values.length === 0 || !values.every(isJsonPrimitive)) return {}
  return { ...typeOfAll(values), enum: [...new Set(values)] }
}

function typeOfAll(values: readonly unknown[]): JsonSchema {
  if (values.every(value => typeof value === 'string')) return { type: 'string' }
  if (values.every(value => Number.isInteger(value))) return { type: 'integer' }
  if (values.every(value => typeof value === 'number')) return { type: 'number' }
  return values.every(value => typeof value === 'boolean') ? { type: 'boolean' } : {}
}

function isJsonPrimitive(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function numeric(keyword: string, limit: unknown): JsonSchema {
  return typeof limit === 'number' ? { type: 'number', [keyword]: limit } : { type: 'number' }
}

function patternOf(pattern: unknown, modifiers: unknown): JsonSchema {
  const source = pattern instanceof RegExp ? pattern.source : String(pattern)
  const flags = `${pattern instanceof RegExp ? pattern.flags : ''}${typeof modifiers === 'string' ? modifiers : ''}`
  // A JSON Schema pattern has no flags; one that changes what matches cannot be said.
  return /[imsv]/.test(flags) ? {} : { pattern: source }
}

function ipFormat(version: unknown): JsonSchema {
  return version === undefined ? {} : { format: version === '6' || version === 6 ? 'ipv6' : 'ipv4' }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
