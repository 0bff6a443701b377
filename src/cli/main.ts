#!/usr/bin/env node
import { runCommandLine } from './command-line.js'
import { flushed, processIo } from './process-io.js'

// A run that waits for an answer from elsewhere has nothing else that keeps the process alive.
setInterval(() => undefined, 2 ** 30)
const code = await runCommandLine(process.argv.slice(2), processIo())
await flushed()
// What a module of the user has left open must not keep the command from ending.
process.exit(code)
