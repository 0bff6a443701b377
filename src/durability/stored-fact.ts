/** A fact as it is stored. */
export interface StoredFact {
  readonly type: string
  readonly branch?: string
  readonly step?: number
  readonly [key: string]: unknown
}
