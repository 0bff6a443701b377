import type { Command, CommandOption, Positional } from '../command.js'
import { jsonOption, storeOption, surroundingOptions } from '../loading/command-options.js'
import { drivingOptions } from './run.js'

const runPositional: Positional = { name: 'run', description: 'The id of the run' }
const requestPositional: Positional = {
  name: 'request',
  description: 'Which request, by its id or its state; not needed if only one is open',
  required: false,
}

/** How the definition of a run is found. */
const definitionOption: Readonly<Record<'definition' | 'export', CommandOption>> = {
  definition: {
    short: 'd',
    value: 'file',
    description: 'Where the definition of the run is; without it where advancer run has found it',
    isPath: true,
  },
  export: { value: 'name', description: 'The orchestration that is meant, of a module that exports several' },
}

const lookingOptions = { ...storeOption, ...jsonOption }
const goingOnOptions = { ...definitionOption, ...surroundingOptions, ...storeOption, ...drivingOptions }

/** What a decision is made of. */
const decisionOptions = {
  comment: { short: 'm', value: 'text', description: 'Why, for whoever reads it later' },
  by: { value: 'name', description: 'Who decides; without it the user of this machine' },
  data: { value: 'json', description: 'What is handed to the states that come after; @file reads a file' },
  resume: { description: 'Go on with the run at once, if nobody drives it' },
  ...goingOnOptions,
} as const

const list = ['running', 'paused', 'completed', 'failed', 'cancelled'] as const

/** `advancer runs list`. */
export const runsListCommand: Command = {
  name: 'runs list',
  summary: 'list the runs of a store, the youngest first',
  positionals: [],
  options: {
    status: { short: 's', value: 'status', description: 'Only those', choices: list, multiple: true },
    orchestration: { value: 'name', description: 'Only those of an orchestration' },
    waiting: { description: 'Only those that wait for an answer' },
    limit: { short: 'n', value: 'number', description: 'How many at most; 20 without it' },
    ...lookingOptions,
  },
  examples: [
    ['advancer runs list', 'the last 20'],
    ['advancer runs list --waiting', 'those that somebody has to answer'],
    ['advancer runs list --status failed --json', 'for programs'],
  ],
  run: async call => (await import('../runs/list-runs.js')).listRuns(call),
}

/** `advancer runs show`. */
export const runsShowCommand: Command = {
  name: 'runs show',
  summary: 'show a run: where it is, what it waits for, what has come of it',
  positionals: [runPositional],
  options: {
    at: { value: 'entry', description: 'As it was after this entry of its journal, or at this checkpoint' },
    ...lookingOptions,
  },
  examples: [
    ['advancer runs show 3f2a…', 'as it is'],
    ['advancer runs show 3f2a… --at 4', 'as it was after entry 4'],
  ],
  run: async call => (await import('../runs/show-run.js')).showRun(call),
}

/** `advancer runs events`. */
export const runsEventsCommand: Command = {
  name: 'runs events',
  summary: 'show what has happened in a run',
  positionals: [runPositional],
  options: {
    from: { value: 'number', description: 'From this event on; 0 without it' },
    follow: { short: 'f', description: 'Go on with what happens, until the run ends' },
    ...lookingOptions,
  },
  examples: [
    ['advancer runs events 3f2a…', 'line by line'],
    ['advancer runs events 3f2a… --follow --json', 'as they happen, for programs'],
  ],
  run: async call => (await import('../runs/show-events.js')).showEvents(call),
}

/** `advancer runs resume`. */
export const runsResumeCommand: Command = {
  name: 'runs resume',
  summary: 'go on with a run that is paused, was forked, or whose process has died',
  positionals: [runPositional],
  options: goingOnOptions,
  examples: [
    ['advancer runs resume 3f2a…', 'from where it stands'],
    ['advancer runs resume 3f2a… --definition src/article.ts', 'with the definition of a file'],
  ],
  run: async call => (await import('../runs/resume-run.js')).resumeRun(call),
}

const { wait: _wait, ...cancelOptions } = goingOnOptions

/** `advancer runs cancel`. */
export const runsCancelCommand: Command = {
  name: 'runs cancel',
  summary: 'end a run that is under way or paused',
  positionals: [runPositional],
  options: { reason: { value: 'text', description: 'Why, for whoever reads it later' }, ...cancelOptions },
  examples: [['advancer runs cancel 3f2a… --reason "no longer needed"', 'for good']],
  run: async call => (await import('../runs/cancel-run.js')).cancelRun(call),
}

/** `advancer runs approve`. */
export const runsApproveCommand: Command = {
  name: 'runs approve',
  summary: 'approve what a run asks',
  positionals: [runPositional, requestPositional],
  options: decisionOptions,
  examples: [
    ['advancer runs approve 3f2a… --comment "Good."', 'the only one that is open'],
    ['advancer runs approve 3f2a… review --resume', 'that of a state, and go on'],
  ],
  run: async call => (await import('../runs/answer-run.js')).decideRun(call, true),
}

/** `advancer runs reject`. */
export const runsRejectCommand: Command = {
  name: 'runs reject',
  summary: 'reject what a run asks',
  positionals: [runPositional, requestPositional],
  options: decisionOptions,
  examples: [['advancer runs reject 3f2a… --comment "Too long."', 'the only one that is open']],
  run: async call => (await import('../runs/answer-run.js')).decideRun(call, false),
}

/** `advancer runs signal`. */
export const runsSignalCommand: Command = {
  name: 'runs signal',
  summary: 'send a run the message that it waits for',
  positionals: [runPositional, requestPositional],
  options: {
    payload: { value: 'json', description: 'The message; @file reads a file, - standard input' },
    resume: decisionOptions.resume,
    ...goingOnOptions,
  },
  examples: [[`advancer runs signal 3f2a… --payload '{"paid": true}'`, 'to the only state that waits for one']],
  run: async call => (await import('../runs/answer-run.js')).signalRun(call),
}

/** `advancer runs fork`. */
export const runsForkCommand: Command = {
  name: 'runs fork',
  summary: 'copy a run up to an entry of its journal, with edits, to go on differently',
  positionals: [runPositional],
  options: {
    at: { value: 'entry', description: 'The last entry that is copied, or a checkpoint; all without it' },
    edits: { value: 'json', description: '{"properties", "inputs", "outputs"}, by state or token; @file reads a file' },
    'run-id': { value: 'id', description: 'The id of the copy; without it a random one' },
    resume: { description: 'Go on with the copy at once' },
    ...goingOnOptions,
  },
  examples: [
    [`advancer runs fork 3f2a… --at 4 --edits '{"inputs": {"write": "Shorter."}}'`, 'with another input'],
    ['advancer runs fork 3f2a… --at 4 --resume', 'once more from there'],
  ],
  run: async call => (await import('../runs/fork-run.js')).forkRun(call),
}

/** `advancer runs diff`. */
export const runsDiffCommand: Command = {
  name: 'runs diff',
  summary: 'show where two runs of one definition begin to differ',
  positionals: [runPositional, { name: 'other', description: 'The id of the other one' }],
  options: lookingOptions,
  details: [
    'Ends with 0 if they agree as far as both have come, with 1 if they differ, and with 2 if they cannot be compared.',
  ],
  examples: [['advancer runs diff 3f2a… 8c41…', 'a run and its fork']],
  run: async call => (await import('../runs/diff-runs.js')).diffRuns(call),
}
