/** A short text that differs where `text` differs, for names; two hashes of 32 bits after FNV-1a, no protection against anybody. */
export function fingerprint(text: string): string {
  let first = 0x811c9dc5
  let second = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul((second ^ unit) + i, 0x85ebca6b)
  }
  return (first >>> 0).toString(36) + (second >>> 0).toString(36)
}
