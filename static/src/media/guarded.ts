/** An element that comes back when somebody takes it away, hides it or rewrites it by the browser's tools. */

/** Gives back how to let it go: whoever made it may change and remove it then. */
export function guarded(element: HTMLElement): () => void {
  const parent = element.parentElement
  if (!parent) return () => undefined
  const next = element.nextSibling
  const content = element.cloneNode(true) as HTMLElement
  const attributes = () => element.getAttributeNames().map(name => [name, element.getAttribute(name) ?? ''] as const)
  const kept = attributes()
  const observer = new MutationObserver(restore)
  const look = () => {
    observer.observe(parent, { childList: true })
    observer.observe(element, { attributes: true, childList: true, characterData: true, subtree: true })
  }

  function restore(): void {
    observer.disconnect()
    if (element.parentElement !== parent) parent?.insertBefore(element, next?.parentNode === parent ? next : null)
    if (JSON.stringify(attributes()) !== JSON.stringify(kept)) {
      for (const [name] of attributes()) element.removeAttribute(name)
      for (const [name, value] of kept) element.setAttribute(name, value)
    }
    if (element.innerHTML !== content.innerHTML) element.replaceChildren(...content.cloneNode(true).childNodes)
    observer.takeRecords()
    look()
  }
  look()
  return () => { observer.disconnect() }
}
