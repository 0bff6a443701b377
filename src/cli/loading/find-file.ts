import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { didYouMean } from '../arguments/nearest-name.js'
import { UsageError } from '../usage-error.js'

/** The full path of a file. @throws UsageError with the names that come nearest if there is none */
export async function findFile(file: string, cwd: string): Promise<string> {
  if (file === '') throw new UsageError('The name of a file is empty.')
  const path = resolve(cwd, file)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() === true) return path
  if (found?.isDirectory() === true) throw new UsageError(`${file} is a directory. Give a file in it.`)
  const beside = await readdir(dirname(path)).catch(() => undefined)
  if (beside === undefined) throw new UsageError(`There is no file ${file}, nor its directory.`)
  const loadable = beside.filter(name => /\.(json|[cm]?[jt]s)$/.test(name))
  throw new UsageError(`There is no file ${file}. ${didYouMean(basename(path), loadable)}`)
}
