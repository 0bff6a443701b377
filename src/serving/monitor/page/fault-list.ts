import { h } from './element.js'
import { placeIn } from './json-places.js'
import type { Fault } from './refusal.js'

/** What is wrong with the JSON in a text area; each fault leads to its place there. */
export function faultList(faults: readonly Fault[], area: HTMLTextAreaElement): HTMLElement | undefined {
  if (faults.length === 0) return undefined
  const items = faults.map(({ path, message }) => {
    const place = placeIn(area.value, path.replace(/^input(_data)?(?=[.[]|$)\.?/, ''))
    const line = place === undefined ? undefined : area.value.slice(0, place.start).split('\n').length
    const where = path === '' ? 'The input' : path
    const go = (): void => {
      area.focus()
      if (place !== undefined) area.setSelectionRange(place.start, place.end)
    }
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'link', onclick: go },
        line === undefined ? where : `${where}, line ${line}`,
      ),
      h('span', {}, ` ${message.startsWith(`${path} `) ? message.slice(path.length + 1) : message}`),
    )
  })
  return h('ul', { class: 'faults' }, ...items)
}
