// Types into a shell what the quick start of docs/serving.md has people type.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { root } from './fresh-project.mjs'

/** What has to come out when the commands of the quick start are typed, in this order. */
const typed = [
  /Workflows call agents by these names: web-search, academic-search, summarizer/,
  /"status":"running"/,
  /"node_id":"merge"/,
  /"status":"paused"/,
  /"status":"running"/,
  /"approvals":\[.*"message":"Publish\?"/,
  /"status":"completed".*"comment":"well founded"/,
  /"total_cost_usd":0\.8,/,
  /Budget exceeded: \$0\.5 > max \$0\.4\b/,
  /1 run that was under way goes on\./,
  /approval_requested approve Publish\?/,
  /execution_completed/,
  /"node_id":"approve","node_type":"human_approval","status":"completed"/,
]

/** Types what the quick start says, in a folder of its own, with another port and time in place of the usual ones. */
export async function typeQuickStart(project, definition) {
  const document = readFileSync(join(root, 'docs/serving.md'), 'utf8')
  const section = /^## Quick start$([\s\S]*?)^## /m.exec(document)?.[1] ?? ''
  const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text }))
  const of = language => blocks.filter(block => block.language === language).map(({ text }) => text)
  assert.deepEqual(
    of('json').map(text => JSON.parse(text)),
    [definition],
  )
  if (['bash', 'curl'].some(name => spawnSync(name, ['--version']).status !== 0)) {
    console.log('  the quick start is not typed: there is no bash, or no curl')
    return
  }
  const port = String(await freePort())
  // What is typed while an agent works is typed as quickly as the machine lets it.
  const longer = `delay(${3000 + timeOfCommand()})`
  const elsewhere = text =>
    text
      .replaceAll('8787', port)
      .replaceAll('advancer serve', `advancer serve --port ${port}`)
      .replace('delay(3000)', longer)
  project.write('quick-start/parallel-research.json', of('json')[0])
  for (const text of of('js')) project.write(`quick-start/${/^\/\/ (\S+)$/m.exec(text)[1]}`, elsewhere(text))
  const commands = of('sh').filter(text => !text.startsWith('npm install'))
  // A shell that reads a file gives its jobs no numbers and groups unless it is told to.
  project.write(
    'quick-start/typed.sh',
    ["cd quick-start\nset -m\ntrap 'kill -9 %%' EXIT", ...commands.map(elsewhere)].join('\n'),
  )
  const output = await project.run('the quick start typed', 'bash', ['quick-start/typed.sh'])
  let at = 0
  for (const pattern of typed) {
    const found = pattern.exec(output.slice(at))
    if (found === null) throw new Error(`${pattern} does not come out of the quick start, or not then:\n${output}`)
    at += found.index + found[0].length
  }
}

/** How many milliseconds a command of Node takes here and now. */
function timeOfCommand() {
  const started = performance.now()
  spawnSync(process.execPath, ['-p', '1'])
  return Math.ceil(performance.now() - started)
}

/** One below those that systems give to connections, so that none takes it before the server does, or between two servers. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const isFree = await new Promise(done => {
      const server = createServer().once('error', () => done(false))
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
    })
    if (isFree) return port
  }
}
