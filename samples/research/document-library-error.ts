/** Why a library could not be opened, or a passage not be read. */
export type DocumentLibraryErrorCode =
  | 'folder-missing'
  | 'not-a-folder'
  | 'folder-unreadable'
  | 'no-documents'
  | 'outside-library'
  | 'unknown-file'
  | 'invalid-range'

/** What {@link DocumentLibrary} throws. The message says what was asked for and what would work. */
export class DocumentLibraryError extends Error {
  override readonly name = 'DocumentLibraryError'

  constructor(
    readonly code: DocumentLibraryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
