import { h } from './element.js'

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const dollars = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const
const moneyFormat = new Intl.NumberFormat(undefined, dollars)
const smallMoneyFormat = new Intl.NumberFormat(undefined, {
  ...dollars,
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
})
const numberFormat = new Intl.NumberFormat()

/** A moment in the reader's own time: only the time if it is today. */
export function timeOf(at: string): string {
  const date = new Date(at)
  return date.toDateString() === new Date().toDateString() ? timeFormat.format(date) : dateFormat.format(date)
}

/** A moment as an element that has it exactly, too. */
export function timeElement(at: string): HTMLTimeElement {
  return h('time', { datetime: at, title: fullFormat.format(new Date(at)) }, timeOf(at))
}

/** How long something took: `12 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationOf(ms: number): string {
  if (ms < 1000) return `${numberFormat.format(Math.round(ms))} ms`
  if (ms < 60_000) return `${numberFormat.format(Math.round(ms / 100) / 10)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return twoUnits(seconds, 'min', 's')
  return twoUnits(Math.round(seconds / 60), 'h', 'min')
}

function twoUnits(total: number, large: string, small: string): string {
  const rest = total % 60
  return rest === 0 ? `${Math.floor(total / 60)} ${large}` : `${Math.floor(total / 60)} ${large} ${rest} ${small}`
}

/** Time between two moments. */
export function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}

export function moneyOf(amount: number): string {
  return amount !== 0 && amount < 1 ? smallMoneyFormat.format(amount) : moneyFormat.format(amount)
}

export function numberOf(amount: number): string {
  return numberFormat.format(amount)
}

/** `1 run`, `12 runs`. */
export function counted(count: number, noun: string): string {
  return `${numberFormat.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** The first of many names, and how many more there are. */
export function firstOf(names: readonly string[], room = 6): string {
  const more = names.length > room ? ` and ${names.length - room} more` : ''
  return `${names.slice(0, room).join(', ')}${more}`
}
