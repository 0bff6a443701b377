import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ensureError } from '../../errors/index.js'
import type { Io } from '../io.js'
import { UsageError } from '../usage-error.js'
import { parseJson } from './parse-json.js'

/**
 * A value that was given as JSON, as `@file` with JSON in it, or as `-` for what is on standard input.
 * @throws UsageError with the position of what is no JSON
 */
export async function jsonArgument(option: string, text: string, io: Io): Promise<unknown> {
  if (text === '-') return parsed(`What came on standard input for --${option}`, await all(io))
  if (text.startsWith('@')) {
    const file = text.slice(1)
    return parsed(file, await fileText(resolve(io.cwd, file), `--${option} ${text}`))
  }
  const forText = option === 'input' ? ', for a text --input-text' : ''
  return parsed(`--${option}`, text, ` For a file use --${option} @file${forText}.`)
}

async function fileText(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    throw new UsageError(`${where} cannot be read: ${ensureError(thrown).message}.`, thrown)
  }
}

async function all({ stdin }: Io): Promise<string> {
  if (stdin.isTTY === true) {
    throw new UsageError('Standard input is the terminal. Pipe something into it, or give JSON or @file.')
  }
  const pieces: Uint8Array[] = []
  for await (const piece of stdin) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece)
  return Buffer.concat(pieces).toString('utf8')
}

function parsed(what: string, text: string, wayOut = ' Correct it there.'): unknown {
  try {
    return parseJson(text)
  } catch (thrown) {
    throw new UsageError(`${what} is no JSON: ${ensureError(thrown).message}.${wayOut}`, thrown)
  }
}
