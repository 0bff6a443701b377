const secondsOf: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
}

/** The units of time there are, in a sentence. */
export const acceptedUnits = 'Units are ms, s (or sec, seconds), min (or m, minutes) and h (or hours).'

/** Seconds, of a text such as `300`, `30s`, `5 min`; undefined if it is no time of more than 0. */
export function secondsIn(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)?$/.exec(text.trim()) ?? []
  return time(number, unit)
}

/** So many in so many seconds, of a text such as `10/min` or `100/30s`; undefined if it is none. */
export function rateIn(text: string): { readonly limit: number; readonly interval: number } | undefined {
  const [, limit, number = '1', unit] = /^(\d+)\s*\/\s*(\d+(?:\.\d+)?)?\s*([A-Za-z]+)$/.exec(text.trim()) ?? []
  const interval = time(number, unit)
  const most = Number(limit)
  return interval !== undefined && Number.isSafeInteger(most) && most >= 1 ? { limit: most, interval } : undefined
}

function time(number: string | undefined, unit: string | undefined): number | undefined {
  if (number === undefined || unit === undefined || !Object.hasOwn(secondsOf, unit)) return undefined
  // Without the digits that multiplying by a thousandth adds.
  const value = Number((Number(number) * (secondsOf[unit] ?? 0)).toPrecision(12))
  return Number.isFinite(value) && value > 0 ? value : undefined
}
