const svgNamespace = 'http://www.w3.org/2000/svg'

/** All that a diagram consists of. Whatever else should be in it, it is left out. */
const elements: ReadonlySet<string> = new Set([
  'svg',
  'title',
  'desc',
  'g',
  'rect',
  'circle',
  'path',
  'polygon',
  'text',
])

const attributes: ReadonlySet<string> = new Set([
  ...['viewBox', 'width', 'height', 'x', 'y', 'cx', 'cy', 'r', 'rx', 'd', 'points', 'transform', 'id', 'role'],
  ...['aria-labelledby', 'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin'],
  ...['text-anchor', 'font-size', 'font-weight'],
  ...['data-state', 'data-from', 'data-to', 'data-advancer', 'data-on-error'],
])

/**
 * A picture of the server as elements of this page. The names in it are texts of users, so it is read as XML, never as HTML, and made
 * anew from nothing but the elements and attributes that a diagram has.
 */
export function adoptedSvg(picture: Document): SVGSVGElement | undefined {
  const root = picture.documentElement
  if (root.namespaceURI !== svgNamespace || root.localName !== 'svg') return undefined
  return copyOf(root) as SVGSVGElement
}

function copyOf(element: Element): SVGElement {
  const copy = document.createElementNS(svgNamespace, element.localName)
  for (const { name, value } of element.attributes) if (attributes.has(name)) copy.setAttribute(name, value)
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.nodeValue ?? '')
    else if (child instanceof Element && child.namespaceURI === svgNamespace && elements.has(child.localName)) {
      copy.append(copyOf(child))
    }
  }
  return copy
}
