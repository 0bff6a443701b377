/** Where people are: a path of parts, and a query. */
export interface Place {
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

/** The place that the address names. */
export function currentPlace(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) }
}

/** The address of a place, for links. */
export function linkTo(parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as [string, string]],
  )
  const search = new URLSearchParams(given).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

/** Goes to a place. */
export function goTo(parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): void {
  location.hash = linkTo(parts, query)
}

/** Changes the query of the address without going anywhere; nothing if people are on their way to another place. */
export function replaceQuery(place: string, query: Readonly<Record<string, string | undefined>>): void {
  const [current = place] = currentPlace().parts
  if (current === place) history.replaceState(history.state, '', linkTo([place], query))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
