/** What a command has to write cannot be written: the disk is full, say. */
export class OutputError extends Error {
  override readonly name = 'OutputError'
}
