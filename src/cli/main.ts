#!/usr/bin/env node
import { runCommandLine } from './command-line.js'
import { ExitCode } from './exit-code.js'
import { guardProcess } from './guard-process.js'
import { flushed, processIo } from './process-io.js'

// A run that waits for an answer from elsewhere has nothing else that keeps the process alive.
setInterval(() => undefined, 2 ** 30)
try {
  process.cwd()
} catch {
  process.stderr.write('error: The working directory is not there any more. Change to another one.\n')
  process.exit(ExitCode.Usage)
}
const args = process.argv.slice(2)
const io = processIo()
const end = guardProcess(io, args.includes('--debug'))
const code = await runCommandLine(args, { ...io, exitNow: end })
await flushed()
// What a module of the user has left open must not keep the command from ending.
end(code)
