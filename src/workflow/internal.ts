export { nodeIdOfState } from './compile/state-names.js'
export { subjectOfApproval } from './service/subject-of-approval.js'
