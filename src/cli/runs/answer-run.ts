import type { Journal, OpenRunRequest } from '../../durability/index.js'
import { jsonArgument } from '../arguments/json-argument.js'
import { didYouMean } from '../arguments/nearest-name.js'
import { quoted } from '../arguments/quoted.js'
import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { printableLine } from '../terminal/printable.js'
import { UsageError } from '../usage-error.js'
import { goOnWith } from './resume-run.js'
import { userName } from './user-name.js'
import { type Workbench, withWorkbench } from './workbench.js'

/** `advancer runs approve` and `advancer runs reject`. */
export async function decideRun(call: CommandCall, approved: boolean): Promise<ExitCode> {
  const { args, io } = call
  const comment = args.value('comment')
  const data = args.value('data')
  const by = args.value('by') ?? userName()
  const decision = {
    ...(by === undefined ? {} : { by }),
    ...(comment === undefined ? {} : { comment }),
    ...(data === undefined ? {} : { data: await jsonArgument('data', data, io) }),
  }
  return answer(call, 'approval', approved ? 'approved' : 'rejected', (journal, runId, requestId) => {
    return approved ? journal.approve(runId, requestId, decision) : journal.reject(runId, requestId, decision)
  })
}

/** `advancer runs signal`. */
export async function signalRun(call: CommandCall): Promise<ExitCode> {
  const { args, io } = call
  const text = args.value('payload')
  if (text === undefined) throw new UsageError('The message is missing: --payload <json>.')
  const payload = await jsonArgument('payload', text, io)
  return answer(call, 'signal', 'sent', (journal, runId, requestId) => journal.signal(runId, requestId, payload))
}

async function answer(
  call: CommandCall,
  kind: 'approval' | 'signal',
  outcome: string,
  give: (journal: Journal<unknown, unknown>, runId: string, requestId: string) => Promise<void>,
): Promise<ExitCode> {
  const { args, terminal } = call
  const [runId = '', named] = args.positionals
  return withWorkbench(call, { mustExist: true }, async bench => {
    await bench.host.record(runId)
    const request = await requestOf(bench, runId, kind, named)
    // A run that somebody drives is woken up by its answer, and may have ended when that is looked for afterwards.
    const isLeft = await isDrivenByNobody(bench, runId)
    await give(await bench.journalOf(runId), runId, request.requestId)
    const { status } = await bench.host.record(runId)
    const goesOn = args.has('resume') && isLeft
    if (args.has('json') && !goesOn) {
      terminal.json({ run_id: runId, request_id: request.requestId, state_name: request.stateName, outcome, status })
    } else if (!args.has('json')) {
      terminal.note(`${printableLine(request.stateName)} of run ${runId}: ${outcome}.`)
      if (isLeft && !goesOn) terminal.note(`Go on with it: advancer runs resume ${quoted(runId)}${bench.kept.option}`)
    }
    return goesOn ? goOnWith(call, bench, runId) : ExitCode.Ok
  })
}

async function isDrivenByNobody({ store }: Workbench, runId: string): Promise<boolean> {
  if (!(await store.claim(runId))) return false
  await store.release(runId)
  return true
}

/** @throws UsageError if it is not clear which request is meant */
async function requestOf(
  { store }: Workbench,
  runId: string,
  kind: 'approval' | 'signal',
  named: string | undefined,
): Promise<OpenRunRequest> {
  const { requests } = await store.requests({ runId, kind })
  const what = kind === 'approval' ? 'approval' : 'message'
  if (requests.length === 0) throw new UsageError(`Run ${runId} waits for no ${what}. See advancer runs show ${runId}.`)
  const meant =
    named === undefined
      ? requests
      : requests.filter(({ requestId, stateName }) => requestId === named || stateName === named)
  const [first, ...others] = meant
  if (first !== undefined && others.length === 0) return first
  const list = (meant.length === 0 ? requests : meant).map(
    each => `  ${each.requestId}  ${printableLine(each.stateName)}`,
  )
  if (named !== undefined && first === undefined) {
    const names = requests.flatMap(({ requestId, stateName }) => [requestId, stateName])
    throw new UsageError(
      `Run ${runId} waits for no ${what} "${named}". ${didYouMean(named, names)}\n${list.join('\n')}`,
    )
  }
  throw new UsageError(
    `Run ${runId} waits for ${meant.length} answers. Say which request is meant:\n${list.join('\n')}`,
  )
}
