const longest = 64

/**
 * Names that every model API takes, for the names a server has given: other characters become `_`, long ones are cut, and where two
 * come to the same, the later ones are numbered.
 */
export function toolNames(given: readonly string[], prefix: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of given) {
    const plain = `${prefix}${name.replace(/[^\w-]/g, '_')}`
    let found = plain.slice(0, longest)
    for (let number = 2; taken.has(found); number++) found = `${plain.slice(0, longest - 4)}_${number}`
    taken.add(found)
    names.set(name, found)
  }
  return names
}
