/** What was used up for an answer, in tokens. */
export interface AnswerUsage {
  readonly input: number
  readonly output: number
}

/** The end of an answer. */
export interface AnswerEnd {
  /** All of the answer, for those who do not want it in pieces. */
  readonly text: string
  readonly usage: AnswerUsage
  /** What a person is asked with it, if it is a question. */
  readonly requestId?: string
}

/** A piece of an answer on its way. */
export type AnswerPiece =
  | { readonly type: 'text'; readonly text: string }
  /** What happens meanwhile; part of no answer. */
  | { readonly type: 'progress'; readonly text: string }
  | ({ readonly type: 'end' } & AnswerEnd)

/** An answer that has been begun, and of which all that could be refused has been accepted. */
export interface Answer {
  /** The run that it comes from, if it is one. */
  readonly executionId?: string
  /** Rejects if there is no answer. For one reader. */
  pieces(): AsyncIterableIterator<AnswerPiece>
  /** Nobody reads it any more; the work for it goes on. */
  leave(): void
  /** Nobody wants it any more. */
  cancel(reason: string): Promise<void>
}
