import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator'
import { Description } from '../../schema/index.js'

/** The query of every list. */
export class PageQuery {
  @Description('How many items at most; 50 if it is left out. A page may have fewer, also if there are more.')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number

  @Description('The next_cursor of the page before.')
  @IsOptional()
  @IsString()
  cursor?: string
}

/** How many items a page has unless it is said. */
export const defaultLimit = 50

/** How often the store is asked again for one page, when much of what it has is of others. */
const mostRounds = 20

/** One page as a store has it. */
export interface StorePage<T> {
  readonly items: readonly T[]
  readonly next?: string | undefined
}

/**
 * A page of what a store lists, without what the caller is not to see. It goes on asking until the page is full or there is no more;
 * where much is left out it may give up earlier, with a cursor to go on from.
 */
export async function filteredPage<T, R>(
  { limit = defaultLimit, cursor }: PageQuery,
  ask: (limit: number, cursor: string | undefined) => Promise<StorePage<T>>,
  keep: (item: T) => R | undefined | Promise<R | undefined>,
): Promise<StorePage<R>> {
  const kept: R[] = []
  let next = cursor
  for (let round = 0; round < mostRounds; round++) {
    // No more than there is room for, so that the cursor is where the page ends.
    const page = await ask(limit - kept.length, next)
    for (const item of await Promise.all(page.items.map(async item => keep(item))))
      if (item !== undefined) kept.push(item)
    next = page.next
    if (next === undefined || kept.length >= limit) break
  }
  return { items: kept, next }
}
