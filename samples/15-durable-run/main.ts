// A run that survives its process. `main.ts run <file>` asks for an approval and ends; `main.ts approve <file>` answers, from another
// process; `main.ts run <file>` again goes on where the first one was. Without arguments this plays all of it, each command in a
// process of its own.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SqliteJournalStore } from 'advancer/durability'
import { approve, drive, history } from './commands.js'

const commands = { run: drive, approve, history } as const

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name)
}

async function execute(name: string, file = 'runs.db'): Promise<void> {
  if (!isCommand(name)) throw new Error(`There is no command ${name}, only ${Object.keys(commands).join(', ')}.`)
  const store = new SqliteJournalStore(file)
  try {
    await commands[name](store)
  } finally {
    await store.close()
  }
}

function play(): void {
  const directory = mkdtempSync(join(tmpdir(), 'durable-run-'))
  const inProcess = (command: keyof typeof commands): string => {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), command, join(directory, 'runs.db')]
    const output = execFileSync(process.execPath, args, { encoding: 'utf8' })
    console.log(`> ${command}\n${output}`)
    return output
  }
  try {
    const asked = inProcess('run')
    assert.match(asked, /Writing about tides\.\nPublish version 1\?/)
    assert.match(inProcess('run'), /^Publish version 1\?/)
    assert.match(inProcess('approve'), /Ada says yes/)
    const published = inProcess('run')
    assert.equal(published, 'Published version 1: All about tides\n', 'Nothing is written a second time.')
    assert.match(inProcess('history'), /approval\.answered[^]*orchestration\.completed/)
    // A run that is over has its outcome for whoever asks.
    assert.equal(inProcess('run'), published)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const [command, file] = process.argv.slice(2)
if (command === undefined) play()
else await execute(command, file)
