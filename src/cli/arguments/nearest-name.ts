/** A sentence that leads from an unknown name to the nearest known ones, else to all of them. */
export function didYouMean(name: string, known: readonly string[], prefix = ''): string {
  const most = Math.max(1, Math.floor(name.length / 3))
  const near = known
    .map(each => ({ each, far: each.startsWith(name) ? 0 : distance(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ each }) => `"${prefix}${each}"`)
  if (known.length === 0) return 'There are none.'
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are: ${all(known.map(each => prefix + each))}.`
}

/** How many names are listed at most. */
const mostNames = 30

function all(names: readonly string[]): string {
  const more = names.length - mostNames
  return more <= 0 ? names.join(', ') : `${names.slice(0, mostNames).join(', ')}, and ${more} more`
}

/** How many letters have to be changed, added, left out, or swapped with the next, to make one word of the other. */
function distance(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwapped ? (before[j - 2] as number) + 1 : Infinity
      next.push(Math.min(changed, swapped, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    before = row
    row = next
  }
  return row[to.length] as number
}
