import { OptionError } from '../../errors/index.js'

/** What the agent that a server is to others says about itself. */
export interface A2aServingOptions {
  /** @default 'advancer' */
  readonly name?: string
  /** @default that it runs orchestrations and workflows */
  readonly description?: string
  /** @default '1.0.0' */
  readonly version?: string
  /**
   * Where others reach the server, for example `https://agents.example.com`, if that is not what they ask for: behind a proxy that
   * changes it. @default what the request for the card asks for
   */
  readonly url?: string
}

/** @throws OPTION_INVALID */
export function a2aSettings(given: A2aServingOptions = {}): A2aServingOptions {
  const { url } = given
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return given
  throw new OptionError('a2a.url', 'an http: or https: address', url)
}
