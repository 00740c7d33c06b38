import { describe, expect, it } from 'vitest'
import { certificateNames, checkConfig, readConfig } from './config.ts'

describe('the console’s configuration', () => {
  it('fills in what is left out', () => {
    expect(checkConfig({ dataDir: '/d' })).toMatchObject({ port: 8443, listen: '127.0.0.1', names: [] })
  })

  it('refuses a key that does not exist, by its name', () => {
    expect(() => checkConfig({ dataDir: '/d', prot: 1 })).toThrow(
      expect.objectContaining({ code: 'config-unknown-key', message: expect.stringContaining('"prot"') }),
    )
    expect(() => checkConfig(JSON.parse('{"dataDir":"/d","__proto__":{}}'))).toThrow(/"__proto__"/)
  })

  it.each([
    ['port', { dataDir: '/d', port: 65_535 }],
    ['port', { dataDir: '/d', port: '8443' }],
    ['dataDir', {}],
    ['level', { dataDir: '/d', level: '机密' }],
    ['names', { dataDir: '/d', names: ['a b'] }],
  ])('refuses a bad value of %s, by its name', (key, config) => {
    expect(() => checkConfig(config)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(`"${key}"`) }),
    )
  })

  it('says which file can’t be read', async () => {
    await expect(readConfig('/nowhere/console.json')).rejects.toThrow(/\/nowhere\/console\.json/)
  })

  it('puts every name and address into the certificate, and no wildcard address', () => {
    const config = checkConfig({ dataDir: '/d', listen: '0.0.0.0', names: ['10.0.2.100', 'localhost'] })
    expect(certificateNames(config)).toEqual(['localhost', '127.0.0.1', '::1', '10.0.2.100'])
  })
})
