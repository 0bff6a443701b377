/**
 * A moment in the form in which OpenTelemetry cannot mistake it: a plain number that is smaller than the start of the process
 * would count from there.
 */
export function spanTime(ms: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
