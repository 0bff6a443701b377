import { toStored } from './stored-text.js'

/** The values of a statement; what adds one gives the placeholder that stands for it. */
export class StatementValues {
  readonly all: unknown[] = []

  add(value: unknown): string {
    return `$${this.all.push(value)}`
  }

  text(text: string): string {
    return this.add(toStored(text))
  }

  texts(texts: readonly string[]): string {
    return this.add(texts.map(toStored))
  }
}
