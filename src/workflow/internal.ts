export { GraphOrchestration } from './compile/graph-orchestration.js'
export { nodeIdOfState } from './compile/state-names.js'
export { nodesViewOf } from './nodes/nodes-view.js'
export { subjectOfApproval } from './service/subject-of-approval.js'
