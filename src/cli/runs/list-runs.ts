import type { RunRecord, StoredRunStatus } from '../../durability/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { openStore } from '../loading/open-store.js'
import { writeTable } from '../terminal/table.js'
import { ago } from '../terminal/times.js'
import { statusStyle, wireRun } from './run-words.js'

/** `advancer runs list`. */
export async function listRuns(call: CommandCall): Promise<ExitCode> {
  const { args, io, terminal } = call
  const limit = args.wholeNumber('limit', 1) ?? 20
  const status = args.values('status') as readonly StoredRunStatus[]
  const orchestration = args.value('orchestration')
  const { store, name } = await openStore(args.value('store'), io, { mustExist: true })
  try {
    const found: RunRecord[] = []
    let cursor: string | undefined
    do {
      const page = await store.list({
        limit: Math.min(200, limit - found.length),
        ...(status.length === 0 ? {} : { status }),
        ...(orchestration === undefined ? {} : { orchestration }),
        ...(args.has('waiting') ? { openRequest: true } : {}),
        ...(cursor === undefined ? {} : { cursor }),
      })
      found.push(...page.runs)
      cursor = page.next
    } while (cursor !== undefined && found.length < limit)
    const waiting = await waitingAmong(store, found)
    if (args.has('json')) {
      const runs = found.map(record => ({ ...wireRun(record), waiting: waiting.has(record.runId) }))
      terminal.json({ runs, has_more: cursor !== undefined })
      return ExitCode.Ok
    }
    if (found.length === 0) terminal.note(`No runs in ${name}.`)
    else writeRuns(call, found, waiting)
    if (cursor !== undefined) terminal.note(`There are more: --limit ${limit * 2}`)
    return ExitCode.Ok
  } finally {
    await store.close()
  }
}

async function waitingAmong(
  store: Awaited<ReturnType<typeof openStore>>['store'],
  runs: readonly RunRecord[],
): Promise<ReadonlySet<string>> {
  const open = runs.filter(({ status }) => status === 'running' || status === 'paused')
  const asked = await Promise.all(open.map(({ runId }) => store.requests({ runId, limit: 1 })))
  return new Set(asked.flatMap(({ requests }) => requests.map(({ runId }) => runId)))
}

function writeRuns({ terminal }: CommandCall, runs: readonly RunRecord[], waiting: ReadonlySet<string>): void {
  const now = Date.now()
  const { styles } = terminal.out
  const statusOf = ({ runId, status }: RunRecord) => (waiting.has(runId) ? ('waiting' as const) : status)
  writeTable(
    terminal.out,
    [
      { title: 'RUN', text: ({ runId }) => runId },
      { title: 'ORCHESTRATION', text: ({ orchestration }) => orchestration, shrinks: true },
      { title: 'STATUS', text: statusOf, style: run => statusStyle(statusOf(run), styles) },
      { title: 'AT', text: ({ states }) => states.join(', '), shrinks: true },
      { title: 'STARTED', text: ({ createdAt }) => ago(createdAt, now) },
      { title: 'CHANGED', text: ({ updatedAt }) => ago(updatedAt, now) },
    ],
    runs,
  )
}
