import { describe, expect, it } from 'vitest'
import { call, finish, invoke, play } from './agents-at-work.js'

const writerAndReviewer = {
  nodes: ['User', 'ResearchAgent', 'AnalystAgent', 'WriterAgent', 'ReviewAgent'],
  edges: [
    'User -> ResearchAgent',
    'ResearchAgent -> AnalystAgent',
    'AnalystAgent -> WriterAgent',
    'WriterAgent <-> ReviewAgent',
    'ReviewAgent -> User',
  ],
  rules: ['max_turns(WriterAgent <-> ReviewAgent, 3)', 'timeout(300)'],
}

const team = {
  ResearchAgent: 'findings',
  AnalystAgent: 'analysis',
  WriterAgent: (_: unknown, turn: number) => `draft ${turn}`,
  ReviewAgent: (_: unknown, turn: number) => `review ${turn}`,
}

describe('S1-65: the writer and the reviewer', () => {
  it('S1-19 S1-21 S1-23 visits the reviewer exactly three times, whose last answer is the final response', async () => {
    const { steps, outcome } = await play(writerAndReviewer, team, { maxSteps: 50 })
    const rounds = [1, 2, 3].flatMap(() => ['WriterAgent', 'ReviewAgent'])
    expect(steps).toEqual(['ResearchAgent', 'AnalystAgent', ...rounds])
    expect(outcome).toEqual({
      response: 'review 3',
      answers: [{ agent: 'ReviewAgent', branch: '0:0.0', response: 'review 3', converged: false }],
    })
  })

  it('S1-23 does not let the writer answer to the user, to whom only the reviewer has an edge', async () => {
    const { cast } = await play(writerAndReviewer, team)
    expect(cast.offered('WriterAgent')[0]).toEqual(['end_conversation'])
    expect(cast.offered('ReviewAgent')[0]).toEqual(['end_conversation', 'return_final_response'])
    // Its turns are used up: whatever it says goes to the user.
    expect(cast.offered('ReviewAgent')[2]).toEqual([])
  })

  it('S1-70 ends the conversation when one of them says so', async () => {
    const satisfied = (_: unknown, turn: number) =>
      turn < 2 ? `review ${turn}` : call('end_conversation', { response: 'approved' })
    const { steps, outcome, turns } = await play(writerAndReviewer, { ...team, ReviewAgent: satisfied })
    expect(steps.filter(agent => agent === 'ReviewAgent')).toHaveLength(2)
    expect(outcome?.response).toBe('approved')
    expect(turns.at(-1)).toMatchObject({
      explicit: true,
      action: { type: 'end_conversation', response: 'approved', then: ['User'] },
    })
  })

  it('S1-70 ends with a final response in the middle of the conversation', async () => {
    const { steps, outcome } = await play(writerAndReviewer, { ...team, ReviewAgent: () => finish('good as it is') })
    expect(steps.at(-1)).toBe('ReviewAgent')
    expect(outcome?.response).toBe('good as it is')
  })

  it('S1-19 S1-21 returns to the one who can go on, when the turns are used up or the other one ends them', async () => {
    const topology = {
      nodes: ['User', 'Writer', 'Reviewer', 'Publisher'],
      edges: ['User -> Writer', 'Writer <-> Reviewer', 'Writer -> Publisher', 'Publisher -> User'],
      rules: ['max_turns(Writer <-> Reviewer, 2)'],
    }
    const scripts = { Writer: 'draft', Reviewer: 'review', Publisher: 'published' }
    const { steps, cast, outcome } = await play(topology, scripts)
    expect(steps).toEqual(['Writer', 'Reviewer', 'Writer', 'Reviewer', 'Writer', 'Publisher'])
    expect(cast.asked('Writer').at(-1)).toBe('From Reviewer:\nreview')
    expect(cast.offered('Reviewer').at(-1)).toEqual([])
    expect(outcome?.response).toBe('published')

    const ended = await play(topology, {
      ...scripts,
      Reviewer: () => call('end_conversation', { response: 'approved' }),
    })
    expect(ended.steps).toEqual(['Writer', 'Reviewer', 'Writer', 'Publisher'])
    expect(ended.turns[1]?.action).toMatchObject({ type: 'end_conversation', then: ['Writer'] })
    expect(ended.outcome?.response).toBe('published')
  })

  it('S1-23 returns to the one who has an edge to the user', async () => {
    const { steps } = await play(
      {
        nodes: ['User', 'Writer', 'Reviewer'],
        edges: ['User -> Writer', 'Writer <-> Reviewer', 'Writer -> User'],
        rules: ['max_turns(Writer <-> Reviewer, 1)'],
      },
      { Writer: 'draft', Reviewer: 'review' },
    )
    expect(steps).toEqual(['Writer', 'Reviewer', 'Writer'])
  })

  it('S1-19 leads on along the remaining edges when the turns are used up', async () => {
    const topology = {
      nodes: ['User', 'Writer', 'Reviewer', 'Publisher'],
      edges: ['User -> Writer', 'Writer <-> Reviewer', 'Reviewer -> Publisher', 'Publisher -> User'],
      rules: ['max_turns(Writer <-> Reviewer, 2)'],
    }
    const { steps, outcome } = await play(topology, { Writer: 'text', Reviewer: 'fine', Publisher: 'published' })
    expect(steps).toEqual(['Writer', 'Reviewer', 'Writer', 'Reviewer', 'Publisher'])
    expect(outcome?.response).toBe('published')
  })
})

describe('a conversation', () => {
  it('S1-21 has ten turns if no rule says otherwise', async () => {
    const { steps, error } = await play(
      { nodes: ['User', 'A', 'B'], edges: ['User -> A', 'A <-> B'] },
      { A: 'a', B: 'b' },
    )
    expect(error).toBeUndefined()
    expect(steps).toHaveLength(20)
  })

  it('S1-66 takes turns over `<~>` as over `<->`', async () => {
    const topology = {
      nodes: ['User', 'Pro', 'Con'],
      edges: ['User -> Pro', 'Pro <~> Con'],
      rules: ['max_turns(Pro <~> Con, 2)'],
    }
    const { steps } = await play(topology, { Pro: 'pro', Con: 'con' })
    expect(steps).toEqual(['Pro', 'Con', 'Pro', 'Con'])
  })

  it('counts the turns from the agent that the rule names first', async () => {
    const topology = {
      nodes: ['User', 'Reviewer', 'Writer'],
      edges: ['User -> Reviewer', 'Writer <-> Reviewer', 'Reviewer -> User'],
      rules: ['max_turns(Writer <-> Reviewer, 2)'],
    }
    const { steps } = await play(topology, { Writer: 'w', Reviewer: 'r' })
    expect(steps).toEqual(['Reviewer', 'Writer', 'Reviewer', 'Writer', 'Reviewer'])
  })

  it('is one also of two edges that lead one way each', async () => {
    const topology = {
      nodes: ['User', 'A', 'B'],
      edges: ['User -> A', 'A -> B', 'B -> A', 'B -> User'],
      rules: ['max_turns(A <-> B, 2)'],
    }
    const { steps } = await play(topology, { A: 'a', B: 'b' })
    expect(steps).toEqual(['A', 'B', 'A', 'B'])
  })

  it('lets a partner ask somebody else first, and then reply', async () => {
    const topology = {
      nodes: ['User', 'Writer', 'Reviewer', 'Checker'],
      edges: ['User -> Writer', 'Writer <-> Reviewer', 'Reviewer <=> Checker', 'Writer -> User'],
      rules: ['max_turns(Writer <-> Reviewer, 2)'],
    }
    const { steps, cast } = await play(topology, {
      Writer: (_, turn) => `draft ${turn}`,
      Reviewer: (_, turn) => `review ${turn}`,
      Checker: 'checked',
    })
    const round = ['Writer', 'Reviewer', 'Checker', 'Reviewer']
    expect(steps).toEqual([...round, ...round, 'Writer'])
    expect(cast.asked('Writer')[1]).toBe('From Reviewer:\nreview 2')
  })

  it('S1-66 is none between peers (`<|>`): they are only asked, and answer', async () => {
    const topology = { nodes: ['User', 'A', 'B'], edges: ['User -> A', 'A <|> B', 'A -> User'] }
    const plain = await play(topology, { A: 'alone', B: 'never asked' })
    expect(plain.steps).toEqual(['A'])
    const asking = await play(topology, { A: (_, turn) => (turn === 1 ? invoke('B') : 'with B'), B: 'from B' })
    expect(asking.steps).toEqual(['A', 'B', 'A'])
    expect(asking.cast.asked('A')[1]).toBe('From B:\nfrom B')
    expect(asking.outcome?.response).toBe('with B')
  })
})
