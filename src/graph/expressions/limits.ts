/** How long an expression may be, in characters. */
export const maxCharacters = 2000

/** How many parts (names, values, operators, calls) it may have, and how deep they may be nested. */
export const maxParts = 400
export const maxDepth = 32

/** How many values it may read: each item of a list and each field of an object is one. */
export const maxValues = 100_000

/** How many values it may read that are inside of each other. */
export const maxNesting = 100

/** How many steps calls inside of calls (`exists`, `map` …) may take together. */
export const maxSteps = 250_000

/** How many characters such calls may search in all of their steps together. */
export const maxSearched = 500_000_000
