import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { ensureError } from '../../errors/index.js'
import { didYouMean } from '../arguments/nearest-name.js'
import { UsageError } from '../usage-error.js'

/** The full path of a file. @throws UsageError with the names that come nearest if there is none */
export async function findFile(file: string, cwd: string): Promise<string> {
  if (file === '') throw new UsageError('The name of a file is empty.')
  const path = resolve(cwd, file)
  const found = await stat(path).catch(ensureError)
  if (!(found instanceof Error)) {
    if (found.isFile()) return path
    throw new UsageError(`${file} is ${found.isDirectory() ? 'a directory. Give a file in it' : 'no regular file'}.`)
  }
  const beside = await readdir(dirname(path)).catch(() => undefined)
  if (beside === undefined) throw new UsageError(`There is no file ${file}, nor its directory.`)
  // It is there, but it is a link that leads nowhere, say.
  if (beside.includes(basename(path))) throw new UsageError(`${file} cannot be read: ${found.message}.`, found)
  const loadable = beside.filter(name => /\.(json|[cm]?[jt]s)$/.test(name))
  const named = file.replace(/[/\\]+$/, '')
  const directory = named.slice(0, named.length - basename(named).length)
  throw new UsageError(`There is no file ${file}. ${didYouMean(basename(path), loadable, directory)}`)
}
