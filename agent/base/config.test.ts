import { describe, expect, it } from 'vitest'
import { configOf, parseConfig } from './config.ts'

describe('configuration', () => {
  it('names a key that does not exist', () => {
    expect(() => parseConfig('{"consoleUrl":"https://c","colour":"red"}', 'agent.json')).toThrowError(
      expect.objectContaining({
        code: 'config-unknown-key',
        context: { key: 'colour' },
        message: expect.stringContaining('"colour"'),
      }),
    )
  })

  it.each([
    ['agentPort', '{"agentPort":70000}'],
    ['watchedFolders', '{"watchedFolders":["relative"]}'],
    ['journalBytesMax', '{"journalBytesMax":5}'],
    ['consoleUrl', '{"consoleUrl":"http://c"}'],
    ['stateDir', '{"stateDir":"relative"}'],
  ])('names the field %s whose value may not be', (key, text) => {
    expect(() => parseConfig(text, 'agent.json')).toThrowError(
      expect.objectContaining({ code: 'config-invalid', context: { key } }),
    )
  })

  it.each(['', '[]', '{', 'null'])('refuses %j as a configuration', (text) => {
    expect(() => parseConfig(text, 'agent.json')).toThrowError(
      expect.objectContaining({ code: 'config-invalid' }),
    )
  })

  it.each(['/srv', '/srv/agent', '/srv/agent/journal'])(
    'does not watch %s where its own state lies',
    (folder) => {
      expect(() => configOf({ watchedFolders: [folder] }, '/srv/agent')).toThrowError(
        expect.objectContaining({ code: 'config-invalid' }),
      )
      expect(configOf({ watchedFolders: [folder] }, '/other').watchedFolders).toEqual([folder])
    },
  )

  it('fills the defaults in and cannot be changed afterwards', () => {
    const config = configOf({}, '/state')
    expect(config).toMatchObject({ stateDir: '/state', watchedFolders: [], logLevel: 'info' })
    expect(Object.isFrozen(config)).toBe(true)
  })
})
