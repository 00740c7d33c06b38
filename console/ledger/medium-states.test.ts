import { MEDIUM_STATES } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { isUsable, MEDIUM_TRANSITIONS, mayFollow, needsNewSeal } from './medium-states.ts'

describe('the states of a medium', () => {
  it('are all in the table, and none follows itself', () => {
    expect(Object.keys(MEDIUM_TRANSITIONS).toSorted()).toEqual([...MEDIUM_STATES].toSorted())
    for (const state of MEDIUM_STATES) expect(mayFollow(state, state)).toBe(false)
  })

  it('end with destruction, and what was retired is only ever destroyed', () => {
    expect(MEDIUM_STATES.filter((state) => mayFollow('destroyed', state))).toEqual([])
    expect(MEDIUM_STATES.filter((state) => mayFollow('retired', state))).toEqual(['destroyed'])
  })

  it('reach destruction through retirement alone, so that two acts stand in the history', () => {
    expect(MEDIUM_STATES.filter((state) => mayFollow(state, 'destroyed'))).toEqual(['retired'])
  })

  it('retire nothing that is out of the office’s hands', () => {
    expect(MEDIUM_STATES.filter((state) => mayFollow(state, 'retired'))).toEqual(['issued', 'suspended'])
  })

  it('let any medium in use go missing, and one that was missing come back', () => {
    for (const state of MEDIUM_STATES.filter(isUsable)) expect(mayFollow(state, 'missing')).toBe(true)
    expect(mayFollow('missing', 'issued')).toBe(true)
  })

  it('ask for a new seal after an absence, and not after a suspension', () => {
    expect(needsNewSeal('missing', 'issued')).toBe(true)
    expect(needsNewSeal('missing', 'suspended')).toBe(false)
    expect(needsNewSeal('suspended', 'issued')).toBe(false)
    expect(needsNewSeal('lent', 'issued')).toBe(false)
  })
})
