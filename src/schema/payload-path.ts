/** The steps from the root of a value to a part of it: property names, and indexes of arrays. */
export type PayloadPath = readonly (string | number)[]

/** A path as it is written in code: `items[2].query`; the empty string for the root. */
export function printPath(path: PayloadPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (!identifier.test(step)) text += `[${JSON.stringify(step)}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u
