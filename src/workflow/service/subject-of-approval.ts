/** What a person is asked about at a `human_approval`: what the node was given, without the message, which is told beside it. */
export function subjectOfApproval(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  // An approval of an orchestration in code, which a node may be, has a subject of its own form.
  const isOfNode = Object.keys(given).length === 2 && Object.hasOwn(given, 'message') && Object.hasOwn(given, 'input')
  return isOfNode ? (given as { readonly input: unknown }).input : given
}
