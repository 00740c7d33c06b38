/** What `vite-split-words.ts` makes of a language's words. */
declare module 'virtual:first-words/*' {
  const words: Readonly<Record<string, string>>
  export default words
}
declare module 'virtual:rest-words/*' {
  const words: Readonly<Record<string, string>>
  export default words
}
