import { userInfo } from 'node:os'

/** The user of this machine, who decides; `undefined` if the system has no name for them. */
export function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
