/** Something that is wrong with what was sent, and where in it. */
export interface Fault {
  readonly path: string
  readonly message: string
}

/** Why the server has not done what it was asked for. */
export class Refusal extends Error {
  /** Of HTTP; 0 if there was no answer. */
  readonly status: number
  readonly faults: readonly Fault[]

  constructor(status: number, message: string, faults: readonly Fault[] = []) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.faults = faults
  }
}

/** Reads the problem details of an answer, if it has them. */
export async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { detail, title, errors } = (await response.json()) as {
      readonly detail?: string
      readonly title?: string
      readonly errors?: readonly Fault[]
    }
    return new Refusal(response.status, detail ?? title ?? response.statusText, errors)
  } catch {
    return new Refusal(response.status, `The server answered ${response.status} ${response.statusText}.`)
  }
}

/** An error in words for people. */
export function wordsFor(thrown: unknown): string {
  if (thrown instanceof Refusal && thrown.status === 403) return `${thrown.message} Use a token that may.`
  return thrown instanceof Error ? thrown.message : String(thrown)
}
