export { modelOfClient } from './model-of-client.js'
export { namesSecret, redacted, redactSecrets } from './redact-secrets.js'
