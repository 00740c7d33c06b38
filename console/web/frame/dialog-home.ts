/**
 * Where dialogs stand: inside the app. On <body> itself the component kit would lock scrolling by a style element
 * without the page's nonce, which the content policy refuses.
 */
export function dialogHome(): HTMLElement {
  return document.querySelector<HTMLElement>('.app') ?? document.body
}
