/** What the console says of itself without sign-in: that it lives, and its contract. */
import { PRODUCT_VERSION } from '@shoukou/protocol'
import { type Health, HealthSchema } from '../contract.ts'
import type { Api } from '../fastify.ts'
import { answers } from './answers.ts'

export interface AboutOptions {
  readonly now: () => number
  readonly startedAt: number
  /** What the store asserted of its durability. */
  readonly durability: string
  readonly isDemonstration: boolean
}

export function registerAbout(api: Api, { now, startedAt, durability, isDemonstration }: AboutOptions): void {
  api.get(
    '/api/health',
    {
      config: { access: 'public' },
      schema: { summary: 'Whether the console is up', response: answers(HealthSchema) },
    },
    async (): Promise<Health> => ({
      status: 'ok',
      version: PRODUCT_VERSION,
      startedAt,
      now: now(),
      store: durability,
      isDemonstration,
    }),
  )
  api.get(
    '/api/openapi.json',
    { config: { access: 'public' }, schema: { summary: 'This document' } },
    async () => api.swagger(),
  )
}
