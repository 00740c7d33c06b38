/** Reads a file that somebody chose, for a request that is JSON. */

/** What the console takes is a little more in base64; the contract's limit is 6,000,000 characters. */
export const bytesMax = 4_400_000

/** Returns a file's bytes in base64. */
export function readBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('error', () => reject(reader.error ?? new Error('the file cannot be read')))
    reader.addEventListener('load', () => {
      // A data: address; what stands before the comma only names it.
      const address = typeof reader.result === 'string' ? reader.result : ''
      resolve(address.slice(address.indexOf(',') + 1))
    })
    reader.readAsDataURL(file)
  })
}
