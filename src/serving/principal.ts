/** What a caller may do: read, start and steer runs, decide about approvals, change definitions. */
export type Scope = 'read' | 'run' | 'approve' | 'define'

/** Every scope. */
export const allScopes: readonly Scope[] = ['read', 'run', 'approve', 'define']

/** Who calls. */
export interface Principal {
  /** Whose runs and definitions it sees. Without tenants everybody has the same, `default`. */
  readonly tenant: string
  /** What decisions and logs call it. */
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** A caller where nobody has to say who they are. */
export const anybody: Principal = { tenant: 'default', name: 'anonymous', scopes: allScopes }
