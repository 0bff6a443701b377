/**
 * Marks buttons as disabled while what they have begun goes on. They keep the focus, which `disabled` takes from them.
 * @returns what makes them free again; `undefined` if they are marked already, and nothing is to be begun
 */
export function occupy(...buttons: readonly HTMLButtonElement[]): (() => void) | undefined {
  if (buttons.some(({ ariaDisabled }) => ariaDisabled === 'true')) return undefined
  for (const button of buttons) button.ariaDisabled = 'true'
  return () => {
    for (const button of buttons) button.ariaDisabled = null
  }
}
