import { Store } from './store.js'

const key = 'advancer.token'

/** Whether the server wants to know who is here, and has not been told. */
export const signedOut = new Store(false)

/** The token that people have entered; it is gone with the tab. */
export function accessToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined
}

/** Keeps a token; `undefined` forgets it. */
export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, token)
}
