/**
 * How many random cases a property is tried with: as many as usual, or as many as the environment variable PROPERTY_RUNS says
 * where that is more.
 */
export function propertyRuns(usual: number): number {
  return Math.max(usual, Number(process.env.PROPERTY_RUNS ?? 0))
}

/** How long a property may take, in milliseconds; as usual, as long as any test. */
export function propertyTimeout(usual: number): number {
  return 120_000 * Math.ceil(propertyRuns(usual) / usual)
}
