export { codecOf } from './graph-codec.js'
export { Journal } from './journal.js'
export { JournalReader } from './journal-reader.js'
export { checkName } from './names.js'
