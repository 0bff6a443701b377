// Takes figures: the subject and the plain loop it is compared with in turn, so that a busy machine is busy for both.

/** Times one call, in microseconds. */
async function timed(work) {
  const started = performance.now()
  await work()
  return (performance.now() - started) * 1000
}

/** How many calls fill about `ms` milliseconds. */
async function callsFor(work, ms) {
  let calls = 1
  for (;;) {
    const micros = await timed(() => repeat(work, calls))
    if (micros >= ms * 500) return Math.max(1, Math.round((calls * ms * 1000) / micros))
    calls *= 2
  }
}

async function repeat(work, calls) {
  for (let call = 0; call < calls; call++) await work()
}

/**
 * The medians of both over `repetitions`, in microseconds per unit of work, after a warm-up. No garbage collection is forced:
 * between runs it would also throw away the code that was optimised for them.
 * @param subject one call does `units` units of work
 * @param baseline the same number of units in plain code
 */
export async function compare({ subject, baseline, units, repetitions = 11, sampleMs = 60, warmUpMs = 400 }) {
  for (const work of [subject, baseline]) await repeat(work, await callsFor(work, warmUpMs))
  const subjectCalls = await callsFor(subject, sampleMs)
  const baselineCalls = await callsFor(baseline, sampleMs / 2)
  const times = { subject: [], baseline: [] }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    times.subject.push((await timed(() => repeat(subject, subjectCalls))) / subjectCalls / units)
    times.baseline.push((await timed(() => repeat(baseline, baselineCalls))) / baselineCalls / units)
  }
  const value = median(times.subject)
  const plain = median(times.baseline)
  return { value, plain, ratio: value / plain, spread: spread(times.subject), plainSpread: spread(times.baseline) }
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The width of the middle half of the values, as a part of their median: the noise of the machine. */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = part => sorted[Math.round((sorted.length - 1) * part)]
  return (at(0.75) - at(0.25)) / median(values)
}
