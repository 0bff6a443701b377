/** Odd numbers that have little to do with each other: four hashes of one text must not move together. */
const lanes = [
  { seed: 0x9e3779b1, prime: 0x85ebca77 },
  { seed: 0x7feb352d, prime: 0xc2b2ae3d },
  { seed: 0x68e31da4, prime: 0x27d4eb2f },
  { seed: 0xb5297a4d, prime: 0x165667b1 },
] as const

/**
 * 128 bits by which two texts can be told apart, in hexadecimal. Not for secrets: whoever wants two texts to have the same can
 * make them so. Written here because it has to be there at once, and where there is no `node:crypto` too.
 */
export function fingerprint(text: string): string {
  return lanes.map(({ seed, prime }) => hash(text, seed, prime).toString(16).padStart(8, '0')).join('')
}

/** 32 bits after the manner of FNV-1a, with the bits mixed in the end, so that similar texts end far apart. */
function hash(text: string, seed: number, prime: number): number {
  let bits = seed ^ text.length
  for (let i = 0; i < text.length; i++) {
    bits = Math.imul(bits ^ text.charCodeAt(i), prime)
    bits ^= bits >>> 15
  }
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b)
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b)
  return (bits ^ (bits >>> 16)) >>> 0
}
