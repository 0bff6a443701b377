/** A part of a value that has no JSON form, or would come back as something else. */
interface NotJson {
  /** Such as `.cities[0]`; empty for the value itself. */
  readonly path: string
  /** What is there, for a sentence: `a function`. */
  readonly what: string
}

/** Deeper than anybody writes by hand, and far from what exhausts the stack. */
const deepest = 500

/** All parts of a value that are not plain JSON. Properties that are `undefined` count as left out. */
export function notJsonIn(value: unknown): readonly NotJson[] {
  const found: NotJson[] = []
  look(value, '', [], found)
  return found
}

function look(value: unknown, path: string, around: readonly object[], found: NotJson[]): void {
  if (typeof value !== 'object' || value === null) {
    const what = scalarProblem(value)
    if (what !== undefined) found.push({ path, what })
  } else if (around.includes(value)) found.push({ path, what: 'an object that contains itself' })
  else if (around.length >= deepest) found.push({ path, what: `nested more than ${deepest} levels deep` })
  else if (Array.isArray(value)) {
    const inside = [...around, value]
    for (const [index, each] of [...value].entries()) look(each, `${path}[${index}]`, inside, found)
  } else if (isPlain(value)) {
    const inside = [...around, value]
    for (const [key, each] of Object.entries(value)) {
      if (each !== undefined) look(each, path + keyPath(key), inside, found)
    }
  } else found.push({ path, what: `an instance of ${value.constructor?.name || 'a class'}` })
}

function scalarProblem(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `the number ${value}`
  if (value === undefined) return 'undefined'
  return typeof value === 'bigint' ? 'a bigint' : `a ${typeof value}`
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown
  // An object of another realm has another Object.prototype, which again has none above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** `.key`, or `["a key"]` where it is no word. */
export function keyPath(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
