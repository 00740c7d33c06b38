import { expect, it } from 'vitest'
import type { MessageKey, Values } from '../i18n/use-text.ts'
import { zhCN } from '../i18n/zh-cn.ts'
import { controlWords } from './control-words.ts'

const words: Readonly<Record<string, string>> = zhCN
const say = (key: string, values: Values = {}) =>
  (words[key] ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => String(values[name]))
const chinese = {
  t: (key: MessageKey, values?: Values) => say(key, values),
  tryT: (key: string, values?: Values) => (key in words ? say(key, values) : null),
}

it('puts layers, causes and steps into words', () => {
  expect(controlWords(chinese, 'connection-guard failed, packet-table absent')).toBe(
    '连接管控 失败、报文管控表 未启用',
  )
  expect(controlWords(chinese, 'tether-up: link-down, unauthorise')).toBe(
    'USB 共享网络已接通：断开链路、取消 USB 设备的授权',
  )
})

it('keeps what the system said, word for word', () => {
  expect(controlWords(chinese, 'packet-table: EPERM: operation not permitted; link-down')).toBe(
    '报文管控表：EPERM: operation not permitted；断开链路',
  )
  expect(controlWords(chinese, 'no such thing, or so')).toBe('no such thing, or so')
})
