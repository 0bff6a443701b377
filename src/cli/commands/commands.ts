import type { Command } from '../command.js'
import { completionCommand } from './completion.js'
import { diagramCommand } from './diagram.js'
import { initCommand } from './init.js'
import { mcpCommand } from './mcp.js'
import { runCommand } from './run.js'
import {
  runsApproveCommand,
  runsCancelCommand,
  runsDiffCommand,
  runsEventsCommand,
  runsForkCommand,
  runsListCommand,
  runsRejectCommand,
  runsResumeCommand,
  runsShowCommand,
  runsSignalCommand,
} from './runs.js'
import { serveCommand } from './serve.js'
import { verifyCommand } from './verify.js'

/** All commands, in the order in which `--help` has them. */
export const commands: readonly Command[] = [
  runCommand,
  serveCommand,
  verifyCommand,
  diagramCommand,
  runsListCommand,
  runsShowCommand,
  runsEventsCommand,
  runsResumeCommand,
  runsCancelCommand,
  runsApproveCommand,
  runsRejectCommand,
  runsSignalCommand,
  runsForkCommand,
  runsDiffCommand,
  mcpCommand,
  initCommand,
  completionCommand,
]
