import fc from 'fast-check'

// The test command tries the same cases each time, so that a change is judged by what it changed. `npm run test:sweep` looks for
// new ones.
if (process.env['PROPERTY_RUNS'] === undefined) fc.configureGlobal({ seed: 20_261_120 })
