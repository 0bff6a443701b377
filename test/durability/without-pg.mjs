// Loaded with --import: makes the process one in which the package pg is not installed.
import { register } from 'node:module'

const resolver = `export async function resolve(specifier, context, next) {
  return next(specifier === 'pg' ? 'pg-as-if-not-installed' : specifier, context)
}`
register(`data:text/javascript,${encodeURIComponent(resolver)}`)
