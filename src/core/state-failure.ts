/** What an `onError` route gets: which state failed, why, and on what input. */
export class StateFailure<TIn = unknown> {
  constructor(
    readonly error: Error,
    readonly input: TIn,
    readonly stateName: string,
    readonly token: string,
  ) {}
}
