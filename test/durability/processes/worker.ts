// A process that drives runs as it is told by lines on its standard input. It ends when that does.
// usage: worker sqlite|postgres <path or url> <directory for what its states do>
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Journal } from '../../../src/durability/journal.js'
import { ensureError, OrchestrationError } from '../../../src/errors/index.js'
import { machines } from './machines.js'
import { aroundWrites } from './observed-writes.js'
import { openStore, type Place } from './open-store.js'
import type { Command, Report } from './worker-commands.js'

const [kind, at = '', effects = ''] = process.argv.slice(2)
const store = openStore({ kind: kind as Place['kind'], at })

// To a pipe, Node writes at once, so a process that is killed has said all that it knew.
const say = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`)
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('The process should be gone.')
}

let written = 0
let death: Extract<Command, { do: 'die' }> | undefined
let parking: number | undefined
const writtenOf = new Map<string, number>()

aroundWrites(store, async (runId, write) => {
  const number = ++written
  const numberOfRun = (writtenOf.get(runId) ?? 0) + 1
  writtenOf.set(runId, numberOfRun)
  if (numberOfRun === parking) say({ runId, is: 'parked' })
  if (parking !== undefined && numberOfRun >= parking) return new Promise(() => {})
  if (death?.write === number && death.when === 'before') die()
  const result = await write()
  if (death?.write === number && death.when === 'after') die()
  return result
})

/** The gates that are closed: what opens them, and what waits for that. */
let gates: Map<string, { readonly open: () => void; readonly opened: Promise<void> }> | undefined

function gateOf(runId: string) {
  const known = gates?.get(runId)
  if (known !== undefined || gates === undefined) return known
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const gate = { open, opened }
  gates.set(runId, gate)
  return gate
}

const machineOf = (name: keyof typeof machines) =>
  machines[name](async (what, key) => {
    const [runId = ''] = key.split('/')
    // With O_APPEND, lines of several processes do not mix.
    appendFileSync(join(effects, runId), `${what} ${key} ${process.pid}\n`)
    await gateOf(runId)?.opened
  })

async function answer(journal: Journal<number, number>, runId: string, request: string, by: string): Promise<void> {
  if (request === 'Reply') await journal.signal(runId, request, 7)
  else await journal.approve(runId, request, { by })
  say({ runId, is: 'answered' })
}

/** Answers everything that a run asks from now on. */
function answerAlways(journal: Journal<number, number>, runId: string): () => void {
  const given = new Set<string>()
  const look = async (): Promise<void> => {
    for (const { requestId, kind: asked } of (await journal.requests({ runId })).requests) {
      if (given.has(requestId)) continue
      given.add(requestId)
      await answer(journal, runId, asked === 'signal' ? 'Reply' : requestId, 'somebody')
    }
  }
  const again = (): void => void look().catch(refused(runId))
  const stop = store.watch(runId, again)
  again()
  return stop
}

const refused =
  (runId: string) =>
  (thrown: unknown): void => {
    const error = ensureError(thrown)
    say({
      runId,
      is: 'refused',
      code: OrchestrationError.isInstance(error) ? error.code : 'UNEXPECTED',
      message: error.message,
    })
  }

async function drive(command: Extract<Command, { do: 'start' | 'resume' }>): Promise<void> {
  const { machine: name, runId, input = 1, answers = false } = command
  const machine = machineOf(name)
  const run =
    command.do === 'start'
      ? machine.start(input, { store, runId, snapshotEvery: 3 })
      : await machine.resume(runId, { store, snapshotEvery: 3 })
  run.on('state.waiting', () => say({ runId, is: 'waiting' }))
  say({ runId, is: 'driving' })
  const stop = answers ? answerAlways(new Journal(machine, { store }), runId) : undefined
  const output = await run.result
  stop?.()
  say({ runId, is: 'ended', output })
}

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case 'start':
    case 'resume':
      return drive(command)
    case 'answer': {
      const { machine, runId, request, by } = command
      return answer(new Journal(machineOf(machine), { store }), runId, request, by)
    }
    case 'die':
      death = command
      return
    case 'park':
      parking = command.write
      return
    case 'ignore-claims': {
      const claim = store.claim.bind(store)
      store.claim = async runId => {
        await claim(runId)
        return true
      }
      return
    }
    case 'close-gates':
      gates = new Map()
      return
    case 'open-gate':
      gateOf(command.runId)?.open()
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command
  void obey(command).catch(refused('runId' in command ? command.runId : ''))
}
await store.close()
process.exit(0)
