import { h } from './element.js'

/** In pixels. */
const tallest = 448

/** How the rows of a list are made. */
export interface VirtualListOptions {
  readonly name: string
  /** In pixels; all rows have it. */
  readonly rowHeight: number
  /** Puts what belongs into a row into it. */
  readonly draw: (row: HTMLElement, index: number) => void
  readonly choose: (index: number) => void
  readonly scrolled: (isAtEnd: boolean) => void
}

/**
 * A list of any length that has only the rows that can be seen. It is one stop for the keyboard: arrows, Page Up, Page Down, Home and
 * End go from row to row.
 */
export class VirtualList {
  readonly element: HTMLElement
  readonly #space = h('div', { class: 'space', role: 'presentation' })
  readonly #rows = new Map<number, HTMLElement>()
  readonly #options: VirtualListOptions
  #count = 0
  #active: number | undefined

  constructor(options: VirtualListOptions) {
    this.#options = options
    this.element = h('div', { class: 'virtual', role: 'listbox', tabindex: 0, 'aria-label': options.name }, this.#space)
    this.element.addEventListener('scroll', () => {
      this.#draw()
      options.scrolled(this.isAtEnd)
    })
    this.element.addEventListener('keydown', event => this.#key(event))
    this.element.addEventListener('click', event => {
      const row = (event.target as Element).closest<HTMLElement>('[role=option]')
      if (row !== null) this.choose(Number(row.dataset['index']))
    })
    new ResizeObserver(() => this.#draw()).observe(this.element)
  }

  get isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.element
    return scrollTop + clientHeight >= scrollHeight - this.#options.rowHeight
  }

  /** Sets how many rows there are; `anew` if those that are there have changed. */
  setCount(count: number, anew: boolean): void {
    this.#count = count
    const height = count * this.#options.rowHeight
    this.#space.style.height = `${height}px`
    this.element.style.height = `${Math.min(tallest, height) + 2}px`
    if (anew) {
      for (const row of this.#rows.values()) row.remove()
      this.#rows.clear()
      this.#active = undefined
    }
    this.#draw()
  }

  scrollToEnd(): void {
    this.element.scrollTop = this.element.scrollHeight
  }

  /** Makes a row the active one, and shows it. */
  choose(index: number): void {
    if (this.#count === 0) return
    this.#active = Math.max(0, Math.min(this.#count - 1, index))
    const { rowHeight } = this.#options
    const top = this.#active * rowHeight
    const { scrollTop, clientHeight } = this.element
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + rowHeight - clientHeight
    this.#draw()
    this.#options.choose(this.#active)
  }

  #draw(): void {
    const { rowHeight, draw } = this.#options
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - 6)
    const last = Math.min(
      this.#count - 1,
      Math.ceil((this.element.scrollTop + this.element.clientHeight) / rowHeight) + 6,
    )
    for (const [index, row] of this.#rows) {
      if (index >= first && index <= last) continue
      row.remove()
      this.#rows.delete(index)
    }
    for (let index = first; index <= last; index++) {
      let row = this.#rows.get(index)
      if (row === undefined) {
        row = h('div', {
          role: 'option',
          class: 'row',
          id: `${this.#options.name.toLowerCase()}-${index}`,
          'data-index': index,
        })
        row.setAttribute('aria-posinset', String(index + 1))
        row.style.transform = `translateY(${index * rowHeight}px)`
        draw(row, index)
        this.#rows.set(index, row)
        this.#space.insertBefore(row, this.#rows.get(index + 1) ?? null)
      }
      row.setAttribute('aria-setsize', String(this.#count))
      row.setAttribute('aria-selected', String(index === this.#active))
    }
    const active = this.#active === undefined ? undefined : this.#rows.get(this.#active)
    // A row that is not there cannot be pointed to.
    if (active === undefined) this.element.removeAttribute('aria-activedescendant')
    else this.element.setAttribute('aria-activedescendant', active.id)
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#options.rowHeight) - 1)
    const active = this.#active ?? -1
    const to: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: this.#count - 1,
    }
    const target = to[event.key]
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.choose(target)
  }
}
