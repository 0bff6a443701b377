import { type SqliteDriverName, SqliteJournalStore } from '../../../src/durability/index.js'
import type { StoreError } from '../../../src/durability/store-error.js'
import { entry, newRun, running } from '../sqlite-sample.js'

const [job = '', path = '', ...rest] = process.argv.slice(2)
const driver = process.env.SQLITE_DRIVER as SqliteDriverName | undefined
const store = new SqliteJournalStore(path, driver === undefined ? {} : { driver })

// To a pipe, Node writes at once, so a process that is killed has said all that it knew.
function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const jobs: Readonly<Record<string, () => Promise<void>>> = {
  /** Creates one run. */
  async create() {
    const [runId = ''] = rest
    await store.create(newRun(runId))
    say('created')
    await store.close()
  },

  /** Appends a number of entries to a run that others append to as well. */
  async race() {
    const [runId = '', mark, count] = rest
    let seq = 0
    for (let done = 0; done < Number(count); ) {
      seq = (await store.get(runId))?.seq ?? 0
      try {
        await store.append(runId, seq, [entry(seq + 1, `"${mark}"`)], running)
        say(`${seq + 1}`)
        done++
      } catch (error) {
        if ((error as StoreError).code !== 'RUN_CONFLICT') throw error
      }
    }
    await store.close()
  },

  /** Takes a run, or says that it cannot, and stays. */
  async own() {
    const [runId = ''] = rest
    say((await store.claim(runId)) ? 'mine' : 'taken')
    setInterval(() => {}, 1000)
  },

  /** Appends to several runs at once, from where they end on, until it is killed, or as often as it is told and dies then. */
  async write() {
    const [mark, times, ...runIds] = rest
    let left = Number(times)
    await Promise.all(
      runIds.map(async runId => {
        const run = await store.get(runId)
        if (run === undefined) await store.create(newRun(runId))
        for (let seq = run?.seq ?? 1; ; seq++) {
          await store.append(runId, seq, [entry(seq + 1, `"${mark}"`)], running)
          say(`${runId} ${seq + 1}`)
          if (--left === 0) process.kill(process.pid, 'SIGKILL')
        }
      }),
    )
  },

  /** Says how a write fails for somebody whom not everything is open to, as it is to root. */
  async fail() {
    const warm = new SqliteJournalStore(':memory:')
    await warm.get('run')
    await warm.close()
    if (process.getuid?.() === 0) process.setuid?.(65_534)
    say(
      await store.create(newRun('run')).then(
        () => 'written',
        (error: StoreError) => `${error.code} ${error.message}`,
      ),
    )
    await store.close()
  },
}

await jobs[job]?.()
