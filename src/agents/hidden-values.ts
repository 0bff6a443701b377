import { redacted, redactSecrets } from './redact-secrets.js'

const secretName = /auth|key|token|secret|pass|credential|cookie|session/i

/** What was given to a server, or to reach it, and must not be seen elsewhere: headers, environment variables. */
export class HiddenValues {
  readonly #all: readonly string[]
  readonly #secrets: readonly string[]

  constructor(given: Readonly<Record<string, string>>) {
    const entries = Object.entries(given)
    this.#all = wholeAndParts(entries.map(([, value]) => value))
    this.#secrets = wholeAndParts(entries.flatMap(([name, value]) => (secretName.test(name) ? [value] : [])))
  }

  /** The text of an error: without anything that was given, and without what looks like a secret. */
  inError(text: string): string {
    return redactSecrets(without(text, this.#all))
  }

  /** Whether an error with this text would give anything away. */
  isIn(text: string): boolean {
    return this.inError(text) !== text
  }

  /** A text that the server has sent: without what was given under the name of a secret. */
  inResult(text: string): string {
    return without(text, this.#secrets)
  }
}

/** A header is often a scheme and a token, and either may come back alone. */
function wholeAndParts(values: readonly string[]): string[] {
  const parts = values.flatMap(value => value.split(/\s+/)).filter(part => part.length >= 8)
  const whole = values.filter(value => value.length >= 4)
  return [...new Set([...whole, ...parts])].sort((a, b) => b.length - a.length)
}

function without(text: string, values: readonly string[]): string {
  return values.reduce((left, value) => left.replaceAll(value, redacted), text)
}
