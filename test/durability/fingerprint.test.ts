import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fingerprint } from '../../src/durability/fingerprint.js'

it('a fingerprint is the same for the same text, and has 128 bits', () => {
  fc.assert(fc.property(fc.string(), text => fingerprint(text) === fingerprint(`${text}`)))
  expect(fingerprint('')).toMatch(/^[0-9a-f]{32}$/)
})

it('fingerprints of similar texts have nothing in common', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `{"state":"S${index}","reruns":${index % 7}}`)
  const prints = texts.map(fingerprint)
  for (const [from, to] of [
    [0, 32],
    [0, 16],
    [16, 32],
    [8, 24],
  ] as const) {
    expect(new Set(prints.map(each => each.slice(from, to))).size).toBe(texts.length)
  }
  const bits = prints.reduce((sum, each) => sum + onesOf(each), 0)
  expect(bits / (prints.length * 128)).toBeCloseTo(0.5, 2)
})

/** How many bits of a hexadecimal number are set. */
function onesOf(digits: string): number {
  return BigInt(`0x${digits}`).toString(2).replaceAll('0', '').length
}
