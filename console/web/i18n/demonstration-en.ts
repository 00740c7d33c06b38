/** English words of a console whose data are made up. */
import type { demonstrationZhCN } from './demonstration-zh-cn.ts'

export const demonstrationEn: Readonly<Record<keyof typeof demonstrationZhCN, string>> = {
  'demonstration.mark': 'Demonstration',
  'demonstration.why':
    'Unit, people, computers, media and records are made up by a simulator; not for real use.',
  'error.demonstration-only':
    'This console is a demonstration and takes no real computer. Start a console of your own on an empty folder.',
}
