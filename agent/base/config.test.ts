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
    ['chainHash', '{"chainHash":"md5"}'],
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

  it('says which words a setting takes, and why SM3 can’t be had where the runtime has none', () => {
    expect(() => parseConfig('{"chainHash":"SM3"}', 'agent.json')).toThrow(
      'agent.json: chainHash must be one of "sha-256", "sm3".',
    )
    expect(configOf(parseConfig('{"chainHash":"sm3"}', 'agent.json'), '/state').chainHash).toBe('sm3')
    expect(configOf({}, '/state').chainHash).toBe('sha-256')
    const asksForSm3 = () => configOf({ chainHash: 'sm3' }, '/state', (name) => name !== 'sm3')
    expect(asksForSm3).toThrow(
      expect.objectContaining({ code: 'config-invalid', context: { key: 'chainHash' } }),
    )
    expect(asksForSm3).toThrow(/no sm3; use a build of Node\.js with it, or set "sha-256"/)
  })

  it('fills the defaults in and cannot be changed afterwards', () => {
    const config = configOf({}, '/state')
    expect(config).toMatchObject({ stateDir: '/state', watchedFolders: [], logLevel: 'info' })
    expect(Object.isFrozen(config)).toBe(true)
  })
})
