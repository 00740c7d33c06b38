import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { MessageKey, Values } from '../i18n/use-text.ts'
import { zhCN } from '../i18n/zh-cn.ts'
import { agentWords } from './agent-words.ts'

const words: Readonly<Record<string, string>> = zhCN
const chinese = {
  t: (key: MessageKey, values: Values = {}) =>
    (words[key] ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => String(values[name])),
}

describe('what an agent says, in Chinese', () => {
  it('keeps the details that the system gave', () => {
    const said = "the mount table cannot be read: EACCES: permission denied, open '/proc/self/mountinfo'"
    expect(agentWords(chinese, said)).toMatch(/挂载表.*EACCES.*mountinfo/)
    expect(agentWords(chinese, 'needs CAP_NET_ADMIN')).toMatch(/权限.*CAP_NET_ADMIN/)
    expect(agentWords(chinese, '/sys/block cannot be read (EACCES)')).toMatch(/读取.*\/sys\/block/)
  })

  it('puts several lacks of a kernel into words, each for itself, and keeps what it does not know', () => {
    const said = 'This kernel does not ask about raw sockets. This kernel is a teapot. nft is not installed'
    expect(agentWords(chinese, said)).toBe('此内核不过问原始套接字；This kernel is a teapot.；没有安装 nft')
    expect(agentWords(chinese, 'not wholly read: class/rfkill (EIO); not started')).toBe(
      '未能全部读取：class/rfkill (EIO)；尚未启动',
    )
    expect(agentWords(chinese, 'eth0 was to be cut, and link-down failed: EPERM')).toMatch(/应切断 eth0/)
  })

  it('leaves a sentence that it does not know as it came', () => {
    expect(agentWords(chinese, 'the moon is in the way')).toBe('the moon is in the way')
    expect(agentWords(chinese, '')).toBe('')
  })

  it('knows every remedy that the agent of this version can name', () => {
    const agent = new URL('../../../agent/', import.meta.url)
    const remedies = globSync('**/*.ts', { cwd: agent, exclude: ['**/*.test.ts', '**/testing/**'] }).flatMap(
      (path) =>
        [
          ...readFileSync(new URL(path, agent), 'utf8').matchAll(/\bremedy(?:\w*:| =|\w+ =)\s+'([^']+)'/g),
        ].map((match) => match[1] ?? ''),
    )
    expect(remedies.length).toBeGreaterThan(8)
    expect(remedies.filter((said) => agentWords(chinese, said) === said)).toEqual([])
  })
})
