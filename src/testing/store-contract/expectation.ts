import { type ErrorCode, ensureError, OrchestrationError } from '../../errors/index.js'

/** Throws, with what is said in `claim`, unless it holds. */
export function expectThat(holds: boolean, claim: string): void {
  if (!holds) throw new Error(`The store breaks its contract: ${claim}.`)
}

/** Throws unless both are the same plain data; a property that is `undefined` counts as missing. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (sameData(actual, expected)) return
  const [wanted, got] = excerpts(printed(expected), printed(actual))
  throw new Error(`The store breaks its contract: ${what} should be ${wanted}, but is ${got}.`)
}

/** Throws unless `attempt` is refused with an error of this package that has this code and is not worth trying again. */
export async function expectRefusal(attempt: () => unknown, code: ErrorCode, what: string): Promise<void> {
  let thrown: unknown
  try {
    // A method that throws instead of rejecting is refusing too.
    await attempt()
  } catch (error) {
    thrown = error
  }
  expectThat(thrown !== undefined, `${what} should be refused with ${code}, but was done`)
  expectThat(
    OrchestrationError.isInstance(thrown) && thrown.code === code && !thrown.retryable,
    `${what} should be refused with a StoreError of code ${code}, for good, but was with ${refusalOf(thrown)}`,
  )
}

/** Throws unless one of these attempts was done and the others were refused with this code. Says which one was done. */
export async function expectOneWinner(
  attempts: readonly Promise<unknown>[],
  code: ErrorCode,
  what: string,
): Promise<number> {
  const results = await Promise.allSettled(attempts)
  const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
  expectThat(winners.length === 1, `of ${attempts.length} attempts ${what}, ${winners.length} were done instead of one`)
  for (const result of results) {
    if (result.status === 'rejected') await expectRefusal(() => Promise.reject(result.reason), code, what)
  }
  return winners[0] as number
}

function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = new Set([...presentNames(a), ...presentNames(b)])
  return [...names].every(name => sameData(own(a, name), own(b, name)))
}

function presentNames(value: object): string[] {
  return Object.keys(value).filter(name => own(value, name) !== undefined)
}

function own(value: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(value, name)?.value
}

function refusalOf(thrown: unknown): string {
  return OrchestrationError.isInstance(thrown) ? `${thrown.code} (${thrown.message})` : String(ensureError(thrown))
}

function printed(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

/** The places where two texts differ, if they are too long to be read whole. */
function excerpts(...texts: [string, string]): [string, string] {
  const [a, b] = texts
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  const from = Math.max(0, same - 100)
  return texts.map(text => {
    if (text.length <= 400) return text
    return `${text.slice(from, from + 300)} … (from character ${from} of ${text.length} on)`
  }) as [string, string]
}
