/** Attributes of an element; numbers are written with at most two decimals, `undefined` is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element of SVG as text; `children` are elements already. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(typeof value === 'number' ? rounded(value) : value)}"`],
  )
  const open = `<${name}${list.join('')}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`
}

/** Printable text as content or as the value of an attribute. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A coordinate: the same on every machine, and no longer than it needs to be. */
export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100 + 0)
}
