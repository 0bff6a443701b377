/** Where a run stops: what a stage returns, or an edge leads to, so that nothing follows. A stage of that name comes first. */
export const END = 'end'
