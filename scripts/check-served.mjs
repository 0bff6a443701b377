// Installs the packed package into an empty folder, and does there what the guide of the fourth source system does with its server:
// `npx advancer serve`, asked over REST and over the WebSocket, killed in the middle and started again. What the quick start of
// docs/serving.md has people type is done too, where there are bash and curl.
// Expects a build; everything it makes is in one temporary folder that it removes.
import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { FreshProject, isOptional, locked, manifest, root } from './fresh-project.mjs'
import { RunningServer, until } from './running-server.mjs'
import { typeQuickStart } from './typed-quick-start.mjs'

const project = new FreshProject('advancer-served-')
const { folder } = project
const fixture = name => join(root, 'test/fixtures/consumer', name)
const workflow = name => JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8'))
const servingPeers = ['hono', '@hono/node-server', 'ws', 'libsql']

/** Who was asked about a topic, in the order of the alphabet. */
function askedAbout(topic) {
  const lines = existsSync(join(folder, 'asked.log')) ? readFileSync(join(folder, 'asked.log'), 'utf8').split('\n') : []
  return lines.flatMap(line => (line.startsWith(`${topic} `) ? [line.slice(topic.length + 1)] : [])).sort()
}

const untilIsAsked = (topic, agent) =>
  until(`${agent} is asked about ${topic}`, () => (askedAbout(topic).includes(agent) ? true : undefined))
const hold = (topic, agent) => project.write(`hold-${topic}-${agent}`, '')
const letGo = (topic, agent) => rmSync(join(folder, `hold-${topic}-${agent}`))

const completed = { web: 'completed', academic: 'completed', merge: 'completed', approve: 'completed' }
const costs = { total: 0.8, web: 0.3, academic: 0.2, merge: 0.3, approve: 0 }

/** Both workflows are created, and read as they were written. */
async function created(server) {
  const made = []
  for (const written of [workflow('research-pipeline'), workflow('parallel-research')]) {
    const { id } = await server.post('/workflows', written, 201)
    const { name, description, nodes, edges } = await server.get(`/workflows/${id}`)
    assert.deepEqual({ name, ...(description && { description }), nodes, edges }, written)
    made.push(id)
  }
  assert.equal((await server.get('/workflows')).total, 2)
  const keys = (await server.get('/templates')).templates.map(({ key }) => key)
  for (const key of ['sequential-pipeline', 'fan-out-fan-in', 'human-in-the-loop']) assert(keys.includes(key), key)
  const [pipeline, parallel] = made
  return { pipeline, parallel }
}

/** The client of the guide, with the approval over the WebSocket. */
async function likeTheGuide(server, { parallel }) {
  const all = await server.live()
  const id = await server.execute(parallel, { topic: 'quantum computing' }, 1)
  const { status } = await server.get(`/executions/${id}`)
  assert(['running', 'paused', 'completed'].includes(status), status)
  const { data } = await all.hear('approval_requested', id)
  assert.equal(data.message, 'Publish?')
  assert.equal((await server.until(id, 'paused')).pending_approvals.length, 1)
  all.say({ type: 'approve', execution_id: id, request_id: data.request_id, approved: true, reason: 'fine' })
  await all.hear('answered', id)
  await all.hear('execution_completed', id)
  const { output } = await server.until(id, 'completed')
  assert.equal(output.merge.text, 'a page and a paper')
  assert.equal(output.approve.comment, 'fine')
  assert.deepEqual(await server.cost(id), costs)
  assert.deepEqual(await server.nodes(id), completed)
  all.close()
}

/** Beyond the budget, nothing more is asked. */
async function beyondBudget(server, { parallel }) {
  const id = await server.execute(parallel, { topic: 'gold' }, 0.4)
  const { error, total_cost_usd } = await server.until(id, 'failed')
  assert.match(error.message, /^Budget exceeded: \$0\.5 > max \$0\.4\b/)
  assert.equal(error.code, 'BUDGET_EXCEEDED')
  assert.equal(total_cost_usd, 0.5)
  assert.deepEqual(askedAbout('gold'), ['academic', 'web'])
  assert.equal((await server.nodes(id)).merge, 'pending')
}

/** What is at work when an execution is paused finishes, and nothing is started after it. */
async function pausedAtWork(server, { pipeline }) {
  hold('bees', 'summary')
  const id = await server.execute(pipeline, { topic: 'bees' })
  await untilIsAsked('bees', 'summary')
  // The node at work takes longer than the answer waits.
  await server.post(`/executions/${id}/pause`, undefined, 202)
  letGo('bees', 'summary')
  assert.deepEqual((await server.until(id, 'paused')).pending_approvals, [])
  assert.deepEqual(await server.nodes(id), { search: 'completed', summarize: 'completed', review: 'pending' })
  return id
}

async function cancelledAtWork(server, { pipeline }) {
  hold('fog', 'summary')
  const id = await server.execute(pipeline, { topic: 'fog' })
  await untilIsAsked('fog', 'summary')
  await server.post(`/executions/${id}/cancel`)
  await server.until(id, 'cancelled')
  await server.post(`/executions/${id}/resume`, undefined, 409)
}

async function waitingForApproval(server, { pipeline }) {
  const id = await server.execute(pipeline, { topic: 'tea' })
  await server.untilAsked(id)
  return id
}

async function amidANode(server, { parallel }) {
  hold('snow', 'merge')
  const id = await server.execute(parallel, { topic: 'snow' }, 1)
  await untilIsAsked('snow', 'merge')
  assert.deepEqual(await server.nodes(id), { ...completed, merge: 'running', approve: 'pending' })
  return id
}

/** The one that was paused waited for somebody to say that it goes on. */
async function pausedGoesOn(server, id) {
  assert.equal((await server.get(`/executions/${id}`)).status, 'paused')
  await server.post(`/executions/${id}/resume`)
  const { message, request_id } = await server.untilAsked(id)
  assert.equal(message, 'Approve research summary?')
  await server.post(`/executions/${id}/requests/${request_id}`, { approved: true })
  assert.equal((await server.until(id, 'completed')).output.summarize.text, 'a page about bees')
  assert.deepEqual(askedAbout('bees'), ['search', 'summary'])
}

async function approvalIsStillOpen(server, id) {
  const { approvals } = await server.get('/approvals')
  assert(approvals.some(({ execution_id }) => execution_id === id))
  await server.post(`/executions/${id}/resume`, { node_id: 'review', approved: true, reason: 'good' })
  assert.equal((await server.until(id, 'completed')).output.review.comment, 'good')
  assert.deepEqual(askedAbout('tea'), ['search', 'summary'])
}

/** What had completed does not run again, what was at work does; each is paid once. */
async function middleIsFinished(server, id) {
  const live = await server.live({ execution_id: id, from: 0 })
  letGo('snow', 'merge')
  const { data } = await live.hear('approval_requested', id)
  live.say({ type: 'approve', execution_id: id, request_id: data.request_id, approved: true })
  await live.hear('execution_completed', id)
  assert.deepEqual(askedAbout('snow'), ['academic', 'merge', 'merge', 'web'])
  assert.deepEqual(await server.nodes(id), completed)
  assert.deepEqual(await server.cost(id), costs)
  const numbers = live.heard.flatMap(({ type, data: { seq } }) => (type === 'event' ? [seq] : []))
  assert.deepEqual(numbers, [...numbers.keys()], 'the events of before and after the kill have no gap and no duplicate')
  live.close()
}

async function changedAndArchived(server, { parallel }) {
  assert.equal((await server.ask('PUT', `/workflows/${parallel}`, { description: 'Both at once' }, 200)).version, 2)
  assert.equal((await server.ask('DELETE', `/workflows/${parallel}`, undefined, 200)).status, 'archived')
  await server.post(`/workflows/${parallel}/execute`, { input: { topic: 'ice' } }, 409)
}

async function session(server) {
  const { agents } = await server.start()
  assert.deepEqual(agents, Object.keys((await import(fixture('served-agents.mjs'))).agents))
  const workflows = await created(server)
  const steps = [pausedAtWork, waitingForApproval, amidANode, likeTheGuide, beyondBudget, cancelledAtWork]
  const [paused, waiting, amid] = await Promise.all(steps.map(step => step(server, workflows)))
  await server.kill()

  const { recovered } = await server.start()
  assert.equal(recovered, 2, 'the one in the middle and the one that waits go on, the one that is paused does not')
  await Promise.all([
    pausedGoesOn(server, paused),
    approvalIsStillOpen(server, waiting),
    middleIsFinished(server, amid),
    changedAndArchived(server, workflows),
  ])
  await server.kill()
}

async function served() {
  cpSync(fixture('served-agents.mjs'), join(folder, 'agents.mjs'))
  const server = new RunningServer(project)
  const started = performance.now()
  try {
    await session(server)
  } catch (error) {
    error.message += `\nThe server said:\n${server.output.trim()}`
    throw error
  }
  console.log(`  served, killed and finished: ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

async function main() {
  const tarball = await project.pack()
  const peers = Object.keys(manifest.peerDependencies).filter(name => !isOptional(name))
  const versions = [...peers, ...servingPeers].map(name => `${name}@${locked(name)}`)
  await project.install('install', [`./${tarball}`, ...versions])
  await Promise.all([served(), typeQuickStart(project, workflow('parallel-research'))])
}

try {
  await main()
  console.log('A served workflow outlives its server.')
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  process.exitCode = 1
} finally {
  project.cleanUp()
}
