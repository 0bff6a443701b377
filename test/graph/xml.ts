/** An element of a document. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Reads a document without prologue, comments and namespaces, strictly. @throws an Error where it is not well-formed */
export function parseXml(source: string): XmlElement {
  const open: XmlElement[] = []
  let root: XmlElement | undefined
  let rest = source.trimEnd()
  while (rest !== '') {
    const [token = ''] = /^(?:<[^<>]*>|[^<>]+)/.exec(rest) ?? []
    if (token === '') throw new Error(`Not well-formed at: ${rest.slice(0, 60)}`)
    rest = rest.slice(token.length)
    const inside = open.at(-1)
    const closing = /^<\/([\w-]+)>$/.exec(token)
    const opening = /^<([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<>]*")*)(\/?)>$/.exec(token)
    if (closing !== null) {
      if (open.pop()?.name !== closing[1]) throw new Error(`Closes what is not open: ${token}`)
    } else if (opening !== null) {
      if (inside === undefined && root !== undefined) throw new Error(`A second root: ${token}`)
      const element = {
        name: opening[1] as string,
        attributes: attributesOf(opening[2] as string),
        children: [],
        text: '',
      }
      inside?.children.push(element)
      root ??= element
      if (opening[3] === '') open.push(element)
    } else if (token.startsWith('<') || inside === undefined) throw new Error(`Not an element: ${token}`)
    else inside.text += decoded(token)
  }
  if (root === undefined || open.length > 0) throw new Error(`Never closed: ${open.map(({ name }) => name).join(', ')}`)
  return root
}

/** An element and everything in it. */
export function descendants(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.children.flatMap(descendants)]
}

function attributesOf(source: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', value = ''] of source.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`Attribute given twice: ${name}`)
    attributes.set(name, decoded(value))
  }
  return attributes
}

function decoded(text: string): string {
  // XML 1.0 allows no other control characters, no lone surrogates and no non-characters.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) throw new Error('A forbidden character.')
  return text.replaceAll(/&([^;\s]*;?)/g, (all, name: string) => {
    const value = entities[name.replace(/;$/, '')]
    if (value === undefined || !name.endsWith(';')) throw new Error(`Not an entity: ${all}`)
    return value
  })
}
