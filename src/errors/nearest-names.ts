/** Up to three of the known names that are a few letters away from `name`, nearest first. */
export function nearestNames(name: string, known: readonly string[]): readonly string[] {
  const most = Math.max(1, Math.floor(name.length / 3))
  return (
    [...new Set(known)]
      // No name is nearer than their lengths are; so a long one that somebody has made up costs nothing.
      .filter(each => Math.abs(each.length - name.length) <= most)
      .map(each => ({ each, far: distance(name.toLowerCase(), each.toLowerCase()) }))
      .filter(({ far }) => far <= most)
      .sort((a, b) => a.far - b.far)
      .slice(0, 3)
      .map(({ each }) => each)
  )
}

/** A sentence that leads from an unknown name to the known ones: the nearest, else all of them; `none` if there are none. */
export function didYouMean(name: string, known: readonly string[], none: string): string {
  const near = nearestNames(name, known)
  if (known.length === 0) return none
  return near.length > 0
    ? `Did you mean ${near.map(each => `"${each}"`).join(' or ')}?`
    : `There are: ${known.join(', ')}.`
}

/** How many letters have to be changed, added or left out to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
