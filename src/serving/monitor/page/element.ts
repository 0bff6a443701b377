/** What an element can be given: attributes as text, `true` for those without a value, listeners by `on…`. */
export type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>

/** What can be in an element; what is missing is left out. */
export type Child = Node | string | number | undefined | null | false

/** Makes an element. Texts become text and nothing else, whatever is in them. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  setProperties(element, properties)
  fill(element, ...children)
  return element
}

/** Makes an element of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  setProperties(element, properties)
  fill(element, ...children)
  return element
}

/** Replaces what is in an element. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(
    ...children.flatMap(child =>
      child === undefined || child === null || child === false ? [] : [child instanceof Node ? child : String(child)],
    ),
  )
}

/** Writes text where it differs from what is there, so that what people have selected stays selected. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

function setProperties(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}
