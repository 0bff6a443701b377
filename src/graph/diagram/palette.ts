import type { Mark } from './drawing.js'

/** How something is coloured. */
export interface Colours {
  readonly fill: string
  readonly stroke: string
  readonly text: string
}

/** What a diagram is coloured with. */
export interface Palette {
  readonly background: string
  readonly text: string
  /** Details under a name. */
  readonly faint: string
  readonly edge: string
  /** An edge that a run did not take. */
  readonly untaken: string
  readonly onError: string
  readonly marks: Readonly<Record<Mark, Colours>>
}

/** Every text is readable on its fill: at least 4.5 to 1 for what a run reached. */
export const lightPalette: Palette = {
  background: '#ffffff',
  text: '#1f2328',
  faint: '#57606a',
  edge: '#424a53',
  untaken: '#afb8c1',
  onError: '#b42318',
  marks: {
    plain: { fill: '#eef4ff', stroke: '#3b6fd4', text: '#1f2328' },
    untouched: { fill: '#f6f8fa', stroke: '#c9d1d9', text: '#6e7781' },
    visited: { fill: '#e6f6ea', stroke: '#1a7f37', text: '#1f2328' },
    active: { fill: '#fff4d6', stroke: '#9a6700', text: '#1f2328' },
    skipped: { fill: '#f3ecff', stroke: '#8250df', text: '#1f2328' },
    failed: { fill: '#ffe9e7', stroke: '#cf222e', text: '#1f2328' },
  },
}

export const darkPalette: Palette = {
  background: '#0d1117',
  text: '#e6edf3',
  faint: '#9ea7b1',
  edge: '#9ea7b1',
  untaken: '#444c56',
  onError: '#ff8a80',
  marks: {
    plain: { fill: '#14223d', stroke: '#5b8def', text: '#e6edf3' },
    untouched: { fill: '#161b22', stroke: '#373e47', text: '#8b949e' },
    visited: { fill: '#11281a', stroke: '#3fb950', text: '#e6edf3' },
    active: { fill: '#2e2410', stroke: '#d29922', text: '#e6edf3' },
    skipped: { fill: '#241a3d', stroke: '#a371f7', text: '#e6edf3' },
    failed: { fill: '#3a1a1d', stroke: '#f85149', text: '#e6edf3' },
  },
}
