import { describe, expect, it } from 'vitest'
import { Approved, Orchestration, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'

const calls: string[] = []

class Deploying extends OrchestrationRunnable<string, string> {
  override async invoke(what: string, context: RunContext): Promise<string> {
    const plan = await context.once('plan', () => {
      calls.push('plan')
      return `plan of ${what}`
    })
    const answer = await context.requestApproval('go', { message: 'Deploy?', subject: plan })
    return answer instanceof Approved ? `deployed ${answer.subject}` : answer.outcome
  }
}

class Deployment extends Orchestration<string, string> {
  override initialRunnable = new Deploying()
}

async function asked(run: { on(type: 'approval.requested', handler: () => void): unknown }): Promise<void> {
  await new Promise<void>(resolve => run.on('approval.requested', resolve))
}

describe('a state that asks a person in the middle of its work', () => {
  it('goes on in another process, asks once, and does what it has done only once', async () => {
    calls.length = 0
    const store = new MemoryJournalStore()
    await asked(new Deployment().start('shop', { store, runId: 'r' }))
    expect((await store.requests()).requests).toMatchObject([{ requestId: '0:0#go', message: 'Deploy?' }])
    await store.close()

    const second = store.reopen()
    await new Journal(new Deployment(), { store: second }).approve('r', 'Deploying', { by: 'Ada' })
    expect((await second.requests()).requests).toEqual([])

    const run = await new Deployment().resume('r', { store: second })
    const again: string[] = []
    run.events$.subscribe(event => again.push(event.type))
    expect(await run.result).toBe('deployed plan of shop')
    expect(calls).toEqual(['plan'])
    expect(again).toEqual(['orchestration.resumed', 'approval.answered', 'state.completed', 'orchestration.completed'])
  })

  it('lists what a restored run waits for at once, and takes an answer at once', async () => {
    const store = new MemoryJournalStore()
    await asked(new Deployment().start('shop', { store, runId: 'r' }))
    await store.close()
    const run = await new Deployment().resume('r', { store: store.reopen() })
    expect(run.requests).toMatchObject([{ id: '0:0#go', stateName: 'Deploying', input: 'plan of shop' }])
    await run.approve('Deploying')
    expect(await run.result).toBe('deployed plan of shop')
  })

  it('is paused while it waits, and is answered by its handle', async () => {
    const run = new Deployment().start('shop')
    await asked(run)
    await run.pause()
    expect(run.status).toBe('paused')
    run.resume()
    expect(run.requests).toMatchObject([{ id: '0:0#go', kind: 'approval', input: 'plan of shop' }])
    await run.reject('Deploying')
    expect(await run.result).toBe('rejected')
  })

  it('gets an expired answer when its time is up, counted from when it asked', async () => {
    class Hasty extends OrchestrationRunnable<string, string> {
      override async invoke(subject: string, context: RunContext): Promise<string> {
        return (await context.requestApproval('go', { message: '?', subject, timeoutMs: 1 })).outcome
      }
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new Hasty()
    }
    const store = new MemoryJournalStore()
    const run = new Machine().start('x', { store })
    expect(await run.result).toBe('expired')
  })

  it('cannot ask under a name that would be taken for something else', async () => {
    class Odd extends OrchestrationRunnable<string, string> {
      override async invoke(subject: string, context: RunContext): Promise<string> {
        return (await context.requestApproval('a/b', { message: '?', subject })).outcome
      }
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new Odd()
    }
    await expect(new Machine().run('x')).rejects.toMatchObject({ cause: { code: 'OPTION_INVALID' } })
  })
})
