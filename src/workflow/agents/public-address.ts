/**
 * Allows https and http to public addresses, and says why not otherwise: loopback, private and link-local ranges, names without a dot,
 * `.local` and `.internal`. It looks at the address as it is written: a public name may lead to a private address, which only whoever
 * resolves it can tell. Give `allowUrl` a list of your own hosts where definitions are not yours.
 */
export function publicAddress({ protocol, hostname }: URL): true | string {
  if (protocol !== 'https:' && protocol !== 'http:') return 'Only https and http are called.'
  const host = hostname.toLowerCase().replace(/\.$/, '')
  if (host.startsWith('[')) return isPublicV6(host.slice(1, -1)) || 'It is an address of a private network.'
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPublicV4(host) || 'It is an address of a private network.'
  const isLocal =
    !host.includes('.') || /\.(?:localhost|local|internal|lan|home|home\.arpa|test|invalid|onion)$/.test(host)
  return isLocal ? 'It is a name of a private network.' : true
}

function isPublicV4(host: string): boolean {
  const [a = 0, b = 0, c = 0] = host.split('.').map(Number)
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 100 && b >= 64 && b < 128) return false
  if (a === 169 && b === 254) return false
  if (a === 172 && b >= 16 && b < 32) return false
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) return false
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false
  return !(a === 203 && b === 0 && c === 113)
}

/** `URL` has written the address in its shortest form already. */
function isPublicV6(host: string): boolean {
  const mapped = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)]
    return isPublicV4([high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  // Global unicast is 2000::/3; of it, documentation and the tunnels to version 4 are not for calling.
  return /^[23][0-9a-f]{3}:/.test(host) && !/^(?:2001:0?db8:|2001:0:|2001::|2002:)/.test(host)
}
