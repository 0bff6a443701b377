import { readdirSync } from 'node:fs'

/** Samples whose main program runs no orchestration itself: one starts processes that do, the other talks with agents. */
const others = new Set(['15-durable-run', '16-chat-terminal'])

/** The samples whose main program runs orchestrations. */
export const machineSamples = readdirSync('samples').filter(name => /^\d\d-/.test(name) && !others.has(name))
