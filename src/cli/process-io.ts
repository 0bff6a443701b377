import { createInterface } from 'node:readline/promises'
import type { Io, OutputStream, SignalName } from './io.js'
import { OutputError } from './output-error.js'

/** What each signal means: a terminal that is closed wants what is running to end in order. */
const signals: Readonly<Record<'SIGINT' | 'SIGTERM' | 'SIGHUP', SignalName>> = {
  SIGINT: 'SIGINT',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'SIGTERM',
}

/** The surroundings of this process. */
export function processIo(): Io {
  const unread = new AbortController()
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const) {
    // `| head` has enough: no failure, but there is nobody left to write for.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE')
        throw new OutputError(`Nothing can be written to ${name}: ${error.message}.`, { cause: error })
      unread.abort()
    })
  }
  return {
    stdout: openStream(process.stdout, unread.signal),
    stderr: openStream(process.stderr, unread.signal),
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    unread: unread.signal,
    onSignal: listener => {
      const heard = Object.entries(signals).map(([signal, meant]) => [signal, () => listener(meant)] as const)
      for (const [signal, hear] of heard) process.on(signal, hear)
      return () => {
        for (const [signal, hear] of heard) process.off(signal, hear)
      }
    },
    ask,
    streams: { input: process.stdin, output: process.stdout },
    exitNow: code => process.exit(code),
  }
}

/** Resolves when what was written is out of this process, also into a pipe. */
export async function flushed(): Promise<void> {
  const streams = [process.stdout, process.stderr].filter(stream => stream.writable)
  await Promise.all(streams.map(stream => new Promise<void>(resolve => stream.write('', () => resolve()))))
}

function openStream(stream: NodeJS.WriteStream, unread: AbortSignal): OutputStream {
  return {
    write: text => (unread.aborted ? false : stream.write(text)),
    get isTTY() {
      return stream.isTTY
    },
    get columns() {
      return stream.columns
    },
  }
}

async function ask(question: string, abort: AbortSignal): Promise<string | undefined> {
  // On stderr: what goes to stdout is the result.
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // A terminal in raw mode turns Ctrl-C into a key, which has to become the signal that it means. Not by process.kill(), which on Windows
  // ends the process at once.
  lines.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  const ended = new Promise<undefined>(resolve => lines.once('close', () => resolve(undefined)))
  // What comes next must not stand behind the question.
  const breakLine = (): void => void process.stderr.write('\n')
  abort.addEventListener('abort', breakLine, { once: true })
  let line: string | undefined
  try {
    line = await Promise.race([lines.question(question, { signal: abort }), ended])
  } catch (thrown) {
    if (!abort.aborted) throw thrown
  } finally {
    abort.removeEventListener('abort', breakLine)
    lines.close()
  }
  if (line === undefined && !abort.aborted) breakLine()
  return line
}
