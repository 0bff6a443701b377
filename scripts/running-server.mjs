// A server of a fresh project, from outside: started by its command, asked over REST and the WebSocket, and killed.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { patience } from './fresh-project.mjs'

/** Resolves with the first answer that is not undefined. */
export async function until(what, ask) {
  const end = performance.now() + patience * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`Not within ${patience} s: ${what}.`)
    await delay(20)
  }
}

/** `npx advancer serve`, from its start to its end. */
export class RunningServer {
  #project
  #child
  #output = ''
  #ended = true

  constructor(project) {
    this.#project = project
  }

  async start() {
    this.#child = this.#project.start('npx', ['advancer', 'serve', '--agents', 'agents.mjs', '--port', '0', '--json'])
    this.#ended = false
    let lines = ''
    this.#child.stdout.on('data', chunk => (lines += chunk))
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', chunk => (this.#output += chunk))
    this.#child.once('close', () => (this.#ended = true))
    const listening = await until('the server listens', () => {
      if (this.#ended) throw new Error('The server has ended.')
      return lines.includes('\n') ? JSON.parse(lines) : undefined
    })
    this.base = listening.rest
    return listening
  }

  get output() {
    return this.#output
  }

  async kill() {
    this.#project.kill(this.#child)
    await until('the server is gone', () => (this.#ended ? true : undefined))
  }

  async ask(method, path, body, status) {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${this.base}${path}`, { method, ...(body === undefined ? {} : json) })
    const answer = await response.json()
    assert.equal(response.status, status, `${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }

  get = path => this.ask('GET', path, undefined, 200)
  post = (path, body, status = 200) => this.ask('POST', path, body, status)

  async execute(workflowId, input, budget) {
    const body = { input, ...(budget === undefined ? {} : { max_budget: budget }) }
    const { execution_id } = await this.post(`/workflows/${workflowId}/execute`, body, 202)
    return execution_id
  }

  until(executionId, status) {
    return until(`execution is ${status}`, async () => {
      const execution = await this.get(`/executions/${executionId}`)
      return execution.status === status ? execution : undefined
    })
  }

  /** Until it waits for approval: what is asked. */
  untilAsked(executionId) {
    return until('an approval is asked', async () => {
      const { status, pending_approvals } = await this.get(`/executions/${executionId}`)
      return status === 'paused' ? pending_approvals[0] : undefined
    })
  }

  async nodes(executionId) {
    const { nodes } = await this.get(`/executions/${executionId}/nodes`)
    return Object.fromEntries(nodes.map(({ node_id, status }) => [node_id, status]))
  }

  async cost(executionId) {
    const { total_cost_usd, node_costs } = await this.get(`/executions/${executionId}/cost`)
    return { total: total_cost_usd, ...Object.fromEntries(node_costs.map(each => [each.node_id, each.cost_usd])) }
  }

  /** A connection that watches an execution, or all. */
  async live(subscription = {}) {
    const { WebSocket } = createRequire(join(this.#project.folder, 'package.json'))('ws')
    const socket = new WebSocket(`${this.base.replace('http', 'ws')}/live`)
    const heard = []
    socket.on('message', text => heard.push(JSON.parse(text)))
    socket.on('error', error => heard.push({ type: 'failed', data: error.message }))
    await new Promise((done, fail) => socket.once('open', done).once('error', fail))
    const say = message => socket.send(JSON.stringify(message))
    const hear = (type, executionId) =>
      until(`${type} is heard`, () =>
        heard.find(({ type: is, data }) => is === type && (executionId ?? data.execution_id) === data.execution_id),
      )
    say({ type: 'subscribe', ...subscription })
    await hear('subscribed')
    return { say, hear, heard, close: () => socket.close() }
  }
}
