import { join } from 'node:path'
import { OptionError } from '../errors/index.js'
import { SqliteJournalStore, type SqliteJournalStoreOptions } from './sqlite/sqlite-journal-store.js'

/**
 * The sqlite store in a directory, in its file `advancer.db` (S1-27). The directory is created at the first call if it is not there;
 * no id or name becomes a part of a path.
 *
 * ```ts
 * const stateManager = new StateManager(new FileStorageBackend('./sessions'))
 * ```
 */
export class FileStorageBackend extends SqliteJournalStore {
  /** @throws OPTION_INVALID */
  constructor(directory: string, options?: SqliteJournalStoreOptions) {
    if (typeof directory !== 'string' || directory === '') {
      throw new OptionError('directory', 'the path of a directory', directory)
    }
    super(join(directory, 'advancer.db'), options)
  }
}
