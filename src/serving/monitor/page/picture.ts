import { adoptedSvg } from './adopted-svg.js'
import { addressOf, ask, authorization } from './api.js'
import { Refusal } from './refusal.js'

/** Asks the server for a picture. @throws Refusal */
export async function loadPicture(
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<SVGSVGElement> {
  const found = await requestXml(addressOf(path, query), signal)
  const picture = found === undefined ? undefined : adoptedSvg(found)
  if (picture !== undefined) return picture
  // The same once more as JSON tells what is wrong.
  await ask(path, { signal })
  throw new Refusal(0, 'The picture that the server sent cannot be read.')
}

/** The page forbids making documents of texts; this has the browser read the answer as XML, and as nothing else. */
function requestXml(url: URL, signal: AbortSignal): Promise<Document | undefined> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('GET', url)
    request.responseType = 'document'
    request.overrideMimeType('image/svg+xml')
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value)
    request.setRequestHeader('accept', 'image/svg+xml')
    request.onload = () => resolve(request.status === 200 ? (request.responseXML ?? undefined) : undefined)
    request.onerror = () => resolve(undefined)
    request.onabort = () => reject(new DOMException('The view was left.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send()
  })
}
