// What calls a server that is measured, in a process of its own: starts executions, reads their events, asks how they are.
// Arguments: the URL of the server, how many executions, how many readers. Tells what it has seen as JSON.
const [, , url, executions, readers] = process.argv
const base = `${url}/api/v3/orchestration`

async function post(path, body) {
  const response = await fetch(`${base}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status !== 202) throw new Error(await response.text())
  return (await response.json()).execution_id
}

/** The numbers of the events of an execution, read to its end. */
async function eventsOf(id) {
  const response = await fetch(`${base}/executions/${id}/events`, { headers: { accept: 'text/event-stream' } })
  const numbers = []
  let text = ''
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece
    const end = text.lastIndexOf('\n\n') + 2
    for (const [, number] of text.slice(0, end).matchAll(/^id: (\d+)$/gm)) numbers.push(Number(number))
    text = text.slice(end)
  }
  const lost = numbers.findIndex((number, index) => number !== index)
  if (lost >= 0 || numbers.length === 0) throw new Error(`Execution ${id} lacks its event ${lost}.`)
  return numbers.length
}

const started = performance.now()
const ids = await Promise.all(
  Array.from({ length: Number(executions) }, (_, number) => {
    return number % 2 === 0
      ? post('workflows/flow/execute', { input: { number } })
      : post('orchestrations/Loop/execute', { input: 19 })
  }),
)
let isOver = false
const times = []
const askers = 4
const ask = async asker => {
  for (let number = asker; !isOver; number += askers) {
    const asked = performance.now()
    const response = await fetch(`${base}/executions/${ids[number % ids.length]}`)
    await response.text()
    if (response.status !== 200) throw new Error(`An execution is answered with ${response.status}.`)
    times.push(performance.now() - asked)
  }
}
const asking = Promise.all(Array.from({ length: askers }, (_, asker) => ask(asker)))
const counts = []
await Promise.all(
  Array.from({ length: Number(readers) }, async (_, reader) => {
    for (let index = reader; index < ids.length; index += Number(readers)) counts.push(await eventsOf(ids[index]))
  }),
)
const events = counts.reduce((sum, count) => sum + count, 0)
const seconds = (performance.now() - started) / 1000
isOver = true
await asking
console.log(JSON.stringify({ seconds, events, times }))
process.exit(0)
