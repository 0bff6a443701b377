const longest = 64

/** Names that every client and every model takes, for given ones: other characters become `_`, long ones are cut, and none is there twice. */
export class ToolNames {
  readonly #taken: Set<string>

  /** @param reserved names that are used already */
  constructor(reserved: Iterable<string>) {
    this.#taken = new Set(reserved)
  }

  add(given: string): string {
    const plain = given.replaceAll(/[^\w-]+/g, '_').slice(0, longest) || 'tool'
    let name = plain
    for (let number = 2; this.#taken.has(name); number++) {
      const suffix = `_${number}`
      name = `${plain.slice(0, longest - suffix.length)}${suffix}`
    }
    this.#taken.add(name)
    return name
  }
}
