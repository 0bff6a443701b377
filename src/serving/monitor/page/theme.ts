import { h } from './element.js'

const key = 'advancer.theme'
const themes = ['auto', 'light', 'dark'] as const
type Theme = (typeof themes)[number]
const names: Readonly<Record<Theme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' }

/** Shows the page in the colours that were chosen, or in those of the system. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

/** The switch between light, dark and what the system has. */
export function themeSwitch(): HTMLElement {
  const select = h(
    'select',
    { id: 'theme', class: 'small' },
    ...themes.map(theme => h('option', { value: theme, selected: theme === chosenTheme() }, names[theme])),
  )
  select.addEventListener('change', () => {
    localStorage.setItem(key, select.value)
    applyTheme()
  })
  return h('span', { class: 'field-inline' }, h('label', { for: 'theme' }, 'Theme'), select)
}

function chosenTheme(): Theme {
  return themes.find(theme => theme === localStorage.getItem(key)) ?? 'auto'
}
