import { ensureError, OrchestrationError } from '../../errors/index.js'
import { type Listening, type ListenOptions, listen, type ServingHandler } from '../../serving/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode, exitCodeOfSignal } from '../exit-code.js'
import { packageVersion } from '../package-manifest.js'
import { printableLine } from '../terminal/printable.js'
import { UsageError } from '../usage-error.js'
import { readTokens, tenantsOf } from './read-tokens.js'
import { type Served, served } from './served.js'
import { checkServingPackages } from './serving-packages.js'

/** `advancer serve`. */
export async function serveOrchestrations(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  const port = args.number('port', 'a whole number from 0 to 65535', value => {
    return Number.isInteger(value) && value >= 0 && value <= 65_535
  })
  const grace = args.number('grace', 'a number of seconds of at least 0', seconds => seconds >= 0) ?? 10
  const host = args.value('host')
  const tokens = await readTokens(call)
  await checkServingPackages(['hono', '@hono/node-server', 'ws'])
  const auth = tokens.length === 0 ? {} : { auth: { tokens } }
  const all = await served(call, { ...auth, monitor: !args.has('no-monitor') }, tenantsOf(tokens))
  const { handler, kept } = all
  try {
    const stopped = untilStopped(call)
    const where = { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) }
    let recovered = 0
    let onRecovered = (runIds: readonly string[]): void => {
      recovered = runIds.length
    }
    const server = await listening(handler, { ...where, onRecovered: runIds => onRecovered(runIds) })
    onRecovered = runIds => terminal.note(`Took up ${runIds.join(', ')}, which nobody drove any more.`)
    tell(call, all, server, recovered)
    await stopped
    terminal.note(`Ending: what is at work has ${grace} s to finish.`)
    await server.close(grace * 1000)
  } finally {
    await kept.store.close()
  }
  return ExitCode.Ok
}

/** Resolves at the first signal; the second ends the process. */
function untilStopped({ io }: CommandCall): Promise<void> {
  return new Promise(resolve => {
    let isAsked = false
    io.onSignal(signal => {
      if (isAsked) io.exitNow(exitCodeOfSignal(signal))
      isAsked = true
      resolve()
    })
  })
}

async function listening(handler: ServingHandler, where: ListenOptions): Promise<Listening> {
  try {
    return await listen(handler, where)
  } catch (thrown) {
    const { code } = thrown as { readonly code?: string }
    const { port = 8787, host = '127.0.0.1' } = where
    if (code === 'EADDRINUSE') {
      throw new UsageError(
        `Port ${port} of ${host} is taken. Give another one with --port, or 0 for any that is free.`,
        thrown,
      )
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new UsageError(`${host}, port ${port}, cannot be listened at: ${ensureError(thrown).message}.`, thrown)
    }
    if (OrchestrationError.isInstance(thrown) && thrown.details['option'] === 'host' && !handler.authenticated) {
      throw new UsageError(
        `--host ${host} can be reached by others, so callers have to say who they are: give --token-file or --token-env.`,
        thrown,
      )
    }
    throw thrown
  }
}

function tell({ args, terminal }: CommandCall, all: Served, { url }: Listening, recovered: number): void {
  const { handler, kept, orchestrations, agents, workflows } = all
  const base = `${url}/api/v3/orchestration`
  const places: readonly (readonly [string, string])[] = [
    ...(args.has('no-monitor') ? [] : [['Monitor', `${url}/monitor/`] as const]),
    ['REST', base],
    ['OpenAPI', `${url}/openapi.json`],
    ['OpenAI', `${url}/v1`],
    ['MCP', `${url}/mcp`],
    ['A2A', `${url}/.well-known/agent-card.json`],
  ]
  if (args.has('json')) {
    const urls = Object.fromEntries(places.map(([name, place]) => [name.toLowerCase(), place]))
    terminal.jsonLine({ type: 'listening', url, ...urls, agents, store: kept.name, recovered })
    return
  }
  const { out, err } = terminal
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
  const what = `${count(orchestrations.length, 'orchestration')}, ${count(workflows, 'workflow file')} and ${count(agents.length, 'agent')}`
  out.line(`${out.styles.bold(`advancer ${packageVersion()}`)} serves ${what}, kept in ${kept.name}`)
  for (const [name, place] of places) out.line(`  ${name.padEnd(8)} ${out.styles.cyan(place)}`)
  if (agents.length > 0) err.line(`Workflows call agents by these names: ${printableLine(agents.join(', '))}`)
  else err.line('Workflows find no agents: give modules that export some with --agents.')
  if (recovered === 1) err.line('1 run that was under way goes on.')
  if (recovered > 1) err.line(`${recovered} runs that were under way go on.`)
  if (!handler.authenticated) err.line('There are no tokens, so only this machine is answered.')
  err.line('Ctrl-C ends it.')
}
