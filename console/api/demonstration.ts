/** Marks what leaves a console whose data are all made up: nobody is to take an export of it for a unit's own. */
import type { ExportColumn } from '../workflows/sheets/export-table.ts'
import type { Api } from './fastify.ts'

const WORDS = { zh: '演示数据', en: 'Demonstration' } as const

/** Returns a column that says of each row that it is made up: a row that is copied elsewhere says so there. */
export function demonstrationColumn(language: keyof typeof WORDS): ExportColumn<never> {
  const words = WORDS[language]
  return { key: 'demonstration', header: words, text: () => words }
}

/** Names every file that is downloaded for what it is. */
export function nameDownloads(api: Api): void {
  api.addHook('onSend', async (_request, reply, payload) => {
    const given = reply.getHeader('content-disposition')
    if (typeof given === 'string')
      reply.header('content-disposition', given.replace('filename="', 'filename="DEMONSTRATION-'))
    return payload
  })
}
