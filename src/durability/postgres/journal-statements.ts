import type {
  JournalEntry,
  JournalSnapshot,
  NewRun,
  RunChange,
  RunDefinition,
  StoredRequest,
} from '../journal-records.js'
import type { PostgresQuery } from './postgres-driver.js'
import { toTags } from './run-rows.js'
import { StatementValues } from './statement-values.js'
import { toStored } from './stored-text.js'

/**
 * The statements that write and read journals. Each write is one statement, so one round trip and one commit, of which
 * the part that may be refused comes first (`run`) and all else takes place only for the rows that it gave.
 */
export class JournalStatements {
  readonly #schema: string

  constructor(schema: string) {
    this.#schema = schema
  }

  /** Gives a row unless the run is there already. */
  create({ entries, change, definition, parent, ...run }: NewRun, owner: string): PostgresQuery {
    const values = new StatementValues()
    const runId = values.text(run.runId)
    const last = entries.at(-1)
    return {
      text: `
        with run as (
          insert into "${this.#schema}".runs (
            run_id, orchestration, version, fingerprint, format, status, seq, states, tags,
            created_at, updated_at, parent_run_id, parent_seq, owner
          ) values (
            ${runId}, ${values.text(run.orchestration)}, ${values.add(definition.version)},
            ${values.text(definition.fingerprint)}, ${values.add(run.format)}, ${values.add(change.status)},
            ${values.add(last?.seq ?? 0)}, ${values.texts(change.states)}, ${values.add(toTags(run.tags))},
            ${values.add(run.createdAt)}, ${values.add(last?.at ?? 0)},
            ${parent === undefined ? 'null' : values.text(parent.runId)}, ${values.add(parent?.seq ?? null)},
            ${values.add(owner)}
          )
          on conflict do nothing
          returning run_id, orchestration
        ),
        ${this.#parts(values, entries, change, definition)}
        select ${this.#notify(values, 'created')} from run`,
      values: values.all,
    }
  }

  /** Gives a row if the journal ends at `expected`. A run that goes on is the writer's from now on. */
  append(
    runId: string,
    expected: number,
    entries: readonly JournalEntry[],
    change: RunChange,
    writer: string | undefined,
  ): PostgresQuery {
    const { opened, closed, definition } = change
    const values = new StatementValues()
    const last = entries.at(-1)
    const owner = change.status === 'running' ? (writer ?? null) : null
    const text = `
      with run as (
        update "${this.#schema}".runs set
          status = ${values.add(change.status)}, states = ${values.texts(change.states)}, owner = ${values.add(owner)},
          ${definition === undefined ? '' : goesBy(values, definition)}
          seq = ${values.add(last?.seq ?? expected)}, updated_at = coalesce(${values.add(last?.at ?? null)}, updated_at)
        where run_id = ${values.text(runId)} and seq = ${values.add(expected)}
        returning run_id, orchestration, watched_by
      ),
      ${this.#parts(values, entries, change, definition)}
      select case
        when watched_by is not null and watched_by is distinct from ${values.add(writer ?? null)}
        then ${this.#notify(values, 'changed')}::text
      end from run`
    // Most turns are of this kind; what they do is planned once for each connection.
    const plain = entries.length === 1 && opened.length === 0 && closed.length === 0 && definition === undefined
    return { text, values: values.all, ...(plain ? { name: `${this.#schema}_append` } : {}) }
  }

  /** Entries from a number on. */
  read(runId: string, from: number, limit: number): PostgresQuery {
    return {
      text: `select seq, at, data from "${this.#schema}".entries where run_id = $1 and seq >= $2 order by seq limit $3`,
      values: [toStored(runId), from, Number.isFinite(limit) ? limit : null],
    }
  }

  /** Gives a row if the run is there. */
  saveSnapshot(runId: string, { seq, data }: JournalSnapshot): PostgresQuery {
    return {
      text: `
        with run as (select run_id from "${this.#schema}".runs where run_id = $1 for key share),
        saved as (
          insert into "${this.#schema}".snapshots as present (run_id, seq, data) select run_id, $2, $3 from run
          on conflict (run_id) do update set seq = excluded.seq, data = excluded.data where present.seq < excluded.seq
        )
        select from run`,
      values: [toStored(runId), seq, toStored(data)],
    }
  }

  /** The snapshot of a run. */
  snapshot(runId: string): PostgresQuery {
    return {
      text: `select seq, data from "${this.#schema}".snapshots where run_id = $1`,
      values: [toStored(runId)],
    }
  }

  /**
   * Two statements for one transaction: once the first has the row of the run, nobody adds to what the second deletes.
   */
  delete(runId: string): readonly [PostgresQuery, PostgresQuery] {
    const values = [toStored(runId)]
    return [
      {
        text: `
          with run as (delete from "${this.#schema}".runs where run_id = $1 returning run_id, watched_by)
          select case
            when watched_by is not null then pg_notify('${this.#schema}', 'changed:' || run_id)::text
          end from run`,
        values,
      },
      {
        text: `
          with entries as (delete from "${this.#schema}".entries where run_id = $1),
          requests as (delete from "${this.#schema}".requests where run_id = $1)
          delete from "${this.#schema}".snapshots where run_id = $1`,
        values,
      },
    ]
  }

  #parts(
    values: StatementValues,
    entries: readonly JournalEntry[],
    { opened, closed }: RunChange,
    definition: RunDefinition | undefined,
  ): string {
    const parts = [
      `added as (
        insert into "${this.#schema}".entries (run_id, seq, at, data)
        select run_id, entry.* from run, ${listed(values, entries)} as entry
      )`,
    ]
    if (definition !== undefined) {
      parts.push(`definition as (
        insert into "${this.#schema}".definitions (fingerprint, data)
        select ${values.text(definition.fingerprint)}, ${values.text(definition.data)} from run
        on conflict do nothing
      )`)
    }
    if (closed.length > 0) {
      parts.push(`closed as (
        delete from "${this.#schema}".requests using run
        where requests.run_id = run.run_id and request_id = any (${values.texts(closed)})
        returning 1
      )`)
    }
    if (opened.length > 0) parts.push(this.#opened(values, opened, closed.length > 0))
    return parts.join(',\n')
  }

  #opened(values: StatementValues, opened: readonly StoredRequest[], afterClosed: boolean): string {
    const of = (pick: (request: StoredRequest) => string) => `${values.texts(opened.map(pick))}::text[]`
    const at = (pick: (request: StoredRequest) => number | null) => `${values.add(opened.map(pick))}::float8[]`
    return `opened as (
      insert into "${this.#schema}".requests (
        run_id, orchestration, request_id, kind, state_name, message, input, wait_until, opened_at
      )
      select run_id, orchestration, request.* from run, unnest(
        ${of(request => request.requestId)}, ${of(request => request.kind)}, ${of(request => request.stateName)},
        ${of(request => request.message)}, ${of(request => request.input)},
        ${at(request => request.until ?? null)}, ${at(request => request.openedAt)}
      ) as request
      ${afterClosed ? 'where (select count(*) from closed) >= 0' : ''}
      on conflict (run_id, request_id) do update set
        kind = excluded.kind, state_name = excluded.state_name, message = excluded.message,
        input = excluded.input, wait_until = excluded.wait_until, opened_at = excluded.opened_at
    )`
  }

  #notify(values: StatementValues, what: 'created' | 'changed'): string {
    return `pg_notify(${values.add(this.#schema)}, '${what}:' || run_id)`
  }
}

function goesBy(values: StatementValues, { fingerprint, version }: RunDefinition): string {
  return `fingerprint = ${values.text(fingerprint)}, version = ${values.add(version)},`
}

/**
 * Entries as a table. An array is one value however many there are, but takes long to write down where texts are long.
 */
function listed(values: StatementValues, entries: readonly JournalEntry[]): string {
  const [first, ...more] = entries
  if (first !== undefined && more.length === 0) {
    return `(values (${values.add(first.seq)}::bigint, ${values.add(first.at)}::float8, ${values.text(first.data)}))`
  }
  return `unnest(
    ${values.add(entries.map(({ seq }) => seq))}::bigint[],
    ${values.add(entries.map(({ at }) => at))}::float8[],
    ${values.texts(entries.map(({ data }) => data))}::text[]
  )`
}
