/** A duration in milliseconds as people write it: `12 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const rounded = Math.round(ms)
  if (rounded < 1000) return `${rounded} ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 600) return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's')
  return twoUnits(Math.round(seconds / 60), 60, 'h', 'min')
}

function twoUnits(total: number, size: number, large: string, small: string): string {
  const rest = total % size
  return rest === 0 ? `${total / size} ${large}` : `${Math.floor(total / size)} ${large} ${rest} ${small}`
}

/** A number with its noun: `1 token`, `12 tokens`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** An amount of money without digits that mean nothing: `0.0123`, `12.5`. */
export function money(amount: number): string {
  return String(Number(amount.toFixed(amount < 1 ? 4 : 2)))
}
