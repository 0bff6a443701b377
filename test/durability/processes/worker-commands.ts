import type { MachineName } from './machines.js'

/** What a worker process is told, one line of JSON each. */
export type Command =
  /** To run an orchestration, or to go on with a run. With `answers`, it answers whatever the run asks, through the store. */
  | {
      readonly do: 'start' | 'resume'
      readonly machine: MachineName
      readonly runId: string
      readonly input?: number
      readonly answers?: boolean
    }
  /** To answer a request of a run, which is named by its id or its state. */
  | {
      readonly do: 'answer'
      readonly machine: MachineName
      readonly runId: string
      readonly request: string
      readonly by: string
    }
  /** To kill itself at its write of this number, before it reaches the store or when the store has committed it. */
  | { readonly do: 'die'; readonly write: number; readonly when: Moment }
  /** To let each run come as far as its write of this number, which never returns. */
  | { readonly do: 'park'; readonly write: number }
  /** To take itself for the driver of a run also where the store says that somebody else is. */
  | { readonly do: 'ignore-claims' }
  /** To hold states back until `open` says that those of a run may work. */
  | { readonly do: 'close-gates' }
  | { readonly do: 'open-gate'; readonly runId: string }

export type Moment = 'before' | 'after'

/** What a worker process says, one line of JSON each. */
export type Report = { readonly runId: string } & (
  | { readonly is: 'driving' }
  | { readonly is: 'waiting' }
  | { readonly is: 'parked' }
  | { readonly is: 'ended'; readonly output: number }
  | { readonly is: 'answered' }
  | { readonly is: 'refused'; readonly code: string; readonly message: string }
)
