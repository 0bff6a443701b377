import { Problem } from './problem.js'

const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

/** Whether an address is one that only this machine can reach. */
export function isLoopback(hostname: string): boolean {
  return loopbackHosts.has(hostname) || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/**
 * Where nobody has to say who they are, a page in a browser of this machine must not get in either: not under a name of its own that
 * it made point here, and not from its own origin.
 * @throws Problem 403
 */
export function checkLocalCaller(request: Request): void {
  const host = hostnameOf(`http://${request.headers.get('host') ?? new URL(request.url).host}`)
  if (!isLoopback(host)) {
    const detail =
      `Requests for host "${host}" are refused: this server has no authentication, so it answers this machine only. ` +
      'Configure `auth`.'
    throw new Problem(403, { code: 'FORBIDDEN', detail })
  }
  checkOrigin(request)
}

/** A page of another origin must not use what a browser sends along by itself. @throws Problem 403 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  if (origin === null) {
    // A browser names no origin for what a page loads as an image, a script or a link.
    const site = request.headers.get('sec-fetch-site')
    if (site === 'cross-site' || site === 'same-site') throw foreign('another site')
    return
  }
  const own = request.headers.get('host') ?? new URL(request.url).host
  if (origin !== `http://${own}` && origin !== `https://${own}`) throw foreign(origin)
}

function hostnameOf(url: string): string {
  try {
    return new URL(url).hostname
  } catch {
    return ''
  }
}

function foreign(origin: string): Problem {
  const detail = `Requests of pages from "${origin}" are refused: only pages of this server's own origin may call it.`
  return new Problem(403, { code: 'FORBIDDEN', detail })
}
