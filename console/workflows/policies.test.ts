import { DEFAULT_POLICY_SETTINGS, type PolicySettings } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { assertModesExist } from './policies.ts'

describe('a mode', () => {
  const ask = (modes: Partial<PolicySettings['modes']>) => () =>
    assertModesExist({ ...DEFAULT_POLICY_SETTINGS, modes: { ...DEFAULT_POLICY_SETTINGS.modes, ...modes } })

  it('that an agent can hold may be set', () => {
    expect(ask({ media: 'enforce' })).not.toThrow()
    expect(ask({})).not.toThrow()
  })

  it('that no agent of this version could hold is refused, by its name', () => {
    expect(ask({ files: 'enforce' })).toThrow(/modes\.files/)
  })
})
