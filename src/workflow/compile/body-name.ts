/** What the orchestration of a node's body is called. */
export function bodyName(id: string): string {
  return `workflow.body.${id}`
}
