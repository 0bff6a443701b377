import type { DocumentChange } from '../journal-records.js'
import { documentConflict } from '../store-error.js'
import type { RunStatement } from './borrowed-connection.js'
import type { PostgresQuery } from './postgres-driver.js'
import { toStored } from './stored-text.js'

/** One document, or those of a collection after an id. */
export function selectDocuments(schema: string, collection: string, which: DocumentRange): PostgresQuery {
  const values: unknown[] = [toStored(collection)]
  const bound = which.id === undefined ? which.after : which.id
  if (bound !== undefined) values.push(toStored(bound))
  const condition = bound === undefined ? '' : `and id ${which.id === undefined ? '>' : '='} $2`
  const limit = which.limit !== undefined && Number.isFinite(which.limit) ? `limit $${values.push(which.limit)}` : ''
  return {
    text: `
      select id, data, revision from "${schema}".documents where collection = $1 ${condition} order by id ${limit}`,
    values,
  }
}

/** Which documents of a collection are wanted. */
export interface DocumentRange {
  readonly id?: string
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** Makes the changes one after the other; the caller sees to it that they are one commit. @throws DOCUMENT_CONFLICT */
export async function changeDocuments(
  run: RunStatement,
  schema: string,
  changes: readonly DocumentChange[],
): Promise<void> {
  // All writers go by one order, or two of them could wait for each other for ever.
  for (const change of changes.toSorted(byPlace)) {
    const done = await run(changeDocument(schema, change))
    if (change.revision !== undefined && done.length === 0) throw documentConflict(change.collection, change.id)
  }
}

function byPlace(a: DocumentChange, b: DocumentChange): number {
  return order(a.collection, b.collection) || order(a.id, b.id)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Gives a row unless the document is at another revision than the change says. */
function changeDocument(schema: string, { collection, id, data, revision }: DocumentChange): PostgresQuery {
  const documents = `"${schema}".documents`
  const place = [toStored(collection), toStored(id)]
  const here = 'collection = $1 and id = $2'
  if (data === undefined) {
    if (revision === undefined) return { text: `delete from ${documents} where ${here}`, values: place }
    if (revision === 0)
      return { text: `select where not exists (select from ${documents} where ${here})`, values: place }
    return {
      text: `delete from ${documents} where ${here} and revision = $3 returning id`,
      values: [...place, revision],
    }
  }
  const values = [...place, toStored(data)]
  const row = '(collection, id, data, revision) values ($1, $2, $3, 1)'
  const insert = `insert into ${documents} as present ${row} on conflict`
  if (revision === undefined) {
    const update = 'update set data = excluded.data, revision = present.revision + 1'
    return { text: `${insert} (collection, id) do ${update}`, values }
  }
  if (revision === 0) return { text: `${insert} do nothing returning id`, values }
  return {
    text: `update ${documents} set data = $3, revision = revision + 1 where ${here} and revision = $4 returning id`,
    values: [...values, revision],
  }
}
