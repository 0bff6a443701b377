import type { Delivery } from './delivery.js'

/** Whose memory a delivery belongs to, and where it is. */
type Place = Pick<Delivery, 'branch' | 'forks' | 'at'>

/** The branch of the run's events that a token belongs to. */
export function branchOf(token: string): string {
  return token.slice(0, token.lastIndexOf(':'))
}

/** The place of one of the branches that a branch divides into: `0:0.0:2.1` is the second of its third fan-out. */
export function placeInside({ branch, forks }: Omit<Place, 'at'>, index: number, token: string): Place {
  return { branch: `${branch}:${forks}.${index}`, forks: 0, at: `${token}.${index}` }
}

/**
 * Where branches go on together at `token`: as the one that had divided into them, if nothing else is left of it, which the engine
 * tells by not going on as one of them; else as the last of them.
 */
export function placeTogether(places: readonly Place[], token: string): Place {
  const at = branchOf(token)
  const last = places.at(-1) as Place
  const heir = places.find(place => place.at === at)
  const same = heir ?? (places.length === 1 ? last : undefined)
  if (same !== undefined) return { branch: same.branch, forks: same.forks, at }
  const paths = places.map(({ branch }) => branch.split(':'))
  const [first = []] = paths
  const differ = first.findIndex((part, index) => paths.some(path => path[index] !== part))
  const common = first.slice(0, differ < 0 ? first.length : differ)
  const forks = places.map((place, index) => {
    const divided = paths[index]?.[common.length]
    return divided === undefined ? place.forks : Number.parseInt(divided) + 1
  })
  return { branch: common.join(':'), forks: Math.max(...forks), at }
}
