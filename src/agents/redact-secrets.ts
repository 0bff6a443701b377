/** What stands where a secret was. */
export const redacted = '[redacted]'

/** Keys and tokens that are recognised by how they look. */
const tokens: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[\w-]{8,}/g,
  /\b(?:gh[oprsu]_\w{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_\w{30,})/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\bAIza[\w-]{30,}/g,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
]

const secretName = String.raw`(?:[\w-]*(?:api[_-]?key|secret|password|passwd|access[_-]?token|auth[_-]?token|authorization))`

/** Values that are recognised by what stands before them; the first group stays. */
const named: readonly RegExp[] = [
  /\b((?:Bearer|Basic)\s+)[\w.~+/-]{8,}=*/gi,
  /([a-z][a-z\d+.-]*:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/gi,
  // As JSON, and as JSON inside a string of JSON.
  new RegExp(String.raw`(\\*"${secretName}\\*"\s*:\s*\\*")(?!\[redacted\])[^"\\]+`, 'gi'),
  new RegExp(String.raw`(\b${secretName}\s*=\s*)(?!\[redacted\])[^\s&"'\\]+`, 'gi'),
]

const isSecretName = new RegExp(`^${secretName}$`, 'i')

/** A text without the keys, tokens and passwords that can be recognised in it. Doing it twice changes nothing more. */
export function redactSecrets(text: string): string {
  const withoutTokens = tokens.reduce((left, pattern) => left.replace(pattern, redacted), text)
  return named.reduce((left, pattern) => left.replace(pattern, `$1${redacted}`), withoutTokens)
}

/** Whether what is kept under this name is a secret, whatever it looks like. */
export function namesSecret(name: string): boolean {
  return isSecretName.test(name)
}
