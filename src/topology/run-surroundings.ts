/** The run's property that has the task. */
export const taskProperty = 'topology.task'

/** The run's property that has the context; tools find it with `run.properties.get('topology.context')`. */
export const contextProperty = 'topology.context'
