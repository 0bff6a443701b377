const chunk = 0x8000

/** Bytes as base64 (RFC 4648). */
export function bytesToBase64(bytes: Uint8Array): string {
  let binary = ''
  // In chunks, because a call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += chunk) binary += String.fromCharCode(...bytes.subarray(at, at + chunk))
  return btoa(binary)
}

/** The bytes behind base64. @throws DOMException if it is no base64. */
export function base64ToBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}
