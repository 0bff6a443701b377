// That an orchestration does what its row says. Asked after it was measured: listening changes what is measured.

/** Runs once and counts. */
export async function expectSteps(orchestration, input, expected) {
  let counted
  const off = orchestration.on('orchestration.completed', ({ steps }) => (counted = steps))
  await orchestration.run(input)
  off()
  if (counted !== expected) throw new Error(`${counted} states were invoked instead of ${expected}.`)
}

export async function expectRefusal(orchestration, input) {
  const accepted = await orchestration.run(input).then(
    () => true,
    () => false,
  )
  if (accepted) throw new Error('An invalid input was accepted: nothing is validated.')
}
