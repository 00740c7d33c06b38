import { mayRole, PERMISSIONS, ROLE_PERMISSIONS } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Role } from '../store/ports.ts'
import type { Api } from './fastify.ts'
import { guardRoutes } from './guard.ts'
import { type Access, isAccess } from './permissions.ts'
import { codeOf, startTestApi, TEST_ACCOUNTS, type TestApi } from './test-api.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 })

interface Route {
  readonly method: string
  readonly url: string
  readonly access: Access | undefined
}

/** Everything that the API has, and who may use it: a new route is added here by hand, or this file fails. */
const expected: Readonly<Record<string, Access>> = {
  'GET /api/health': 'public',
  'GET /api/openapi.json': 'public',
  'POST /api/enroll': 'enrolment-secret',
  'POST /api/agent-certificates': 'agent-proof',
  'POST /api/agent-certificates/standing': 'agent-proof',
  'GET /api/computers/:agent/identity': 'identity.read',
  'POST /api/computers/:agent/revocation': 'identity.revoke',
  'POST /api/computers/:agent/enrolment': 'enrolment.create',
  'GET /api/console-clock': 'system.read',
  'POST /api/session': 'public',
  'GET /api/session': 'own-session',
  'DELETE /api/session': 'own-session',
  'POST /api/session/password': 'own-session',
  'POST /api/session/lock': 'own-session',
  'GET /api/session/ended': 'public',
  'GET /api/sign-in': 'public',
  'GET /api/account': 'own-account',
  'POST /api/account/sessions/end': 'own-account',
  'POST /api/account/second-factor': 'own-account',
  'POST /api/account/second-factor/confirm': 'own-account',
  'POST /api/account/second-factor/remove': 'own-account',
  'POST /api/account/second-factor/recovery-codes': 'own-account',
  'GET /api/sign-in-rules': 'sign-in-rules.read',
  'PUT /api/sign-in-rules': 'sign-in-rules.write',
  'GET /api/account-certificates': 'accounts.read',
  'POST /api/account-certificates': 'accounts.write',
  'POST /api/account-certificates/:serial/revoke': 'accounts.write',
  'GET /api/registers/:kind/template.xlsx': 'registers.keep',
  'POST /api/registers/:kind/import': 'registers.keep',
  'POST /api/registers/:kind/import/:id/confirm': 'registers.keep',
  'GET /api/findings': 'registers.read',
  'GET /api/findings/:id/events': 'registers.read',
  'POST /api/findings/acts': 'registers.write',
  'PUT /api/findings/days': 'registers.keep',
  'GET /api/export/findings': 'registers.read',
  'GET /api/export/register-computers': 'registers.read',
  'GET /api/export/register-machines': 'registers.read',
  'GET /api/export/register-people': 'registers.read',
  'GET /api/export/register-carriers': 'registers.read',
  'GET /api/export/media': 'media.read',
  'GET /api/export/violations': 'violations.read',
  'GET /api/export/computers': 'computers.read',
  'GET /api/export/accounts': 'accounts.read',
  'GET /api/export/exceptions': 'violations.read',
  'GET /api/export/slips': 'bundles.read',
  'GET /api/overview': 'overview.read',
  'GET /api/wall': 'wall.read',
  'GET /api/wall/feed': 'wall.read',
  'POST /api/wall/session': 'public',
  'GET /api/watch-days': 'wall.read',
  'GET /api/walls': 'walls.read',
  'POST /api/walls': 'walls.keep',
  'POST /api/walls/:wall/end': 'walls.keep',
  'GET /api/computers': 'computers.read',
  'GET /api/computer-names': 'computers.read',
  'GET /api/computers/:agent': 'computers.read',
  'GET /api/computers/:agent/records': 'records.read',
  'GET /api/computers/:agent/gaps': 'records.read',
  'GET /api/computers/:agent/coverage': 'computers.read',
  'GET /api/computers/:agent/coverage/:day': 'computers.read',
  'GET /api/computers/:agent/timeline': 'computers.read',
  'GET /api/media/:number/timeline': 'media.read',
  'GET /api/media/:number/files': 'records.read',
  'GET /api/computers/:agent/network': 'network.read',
  'POST /api/isolations': 'network.isolate',
  'GET /api/bundles': 'bundles.read',
  'GET /api/bundles/slips/:slip': 'bundles.read',
  'POST /api/bundles': 'bundles.import',
  'POST /api/bundles/uploads': 'bundles.import',
  'GET /api/bundles/uploads/:upload': 'bundles.import',
  'PUT /api/bundles/uploads/:upload/parts/:at': 'bundles.import',
  'POST /api/bundles/uploads/:upload/finish': 'bundles.import',
  'POST /api/bundles/uploads/:upload/abandon': 'bundles.import',
  'POST /api/bundles/packages/:agent': 'bundles.import',
  'POST /api/bundles/enrolments': 'enrolment.create',
  'GET /api/ceiling': 'ceiling.read',
  'POST /api/ceiling/preview': 'ceiling.bring',
  'POST /api/ceiling': 'ceiling.bring',
  'GET /api/computers/:agent/policy': 'policy.read',
  'PUT /api/computers/:agent/policy': 'policy.write',
  'GET /api/computers/:agent/policies': 'policy.read',
  'POST /api/computers/:agent/rescan': 'command.rescan',
  'POST /api/computers/:agent/removal-code': 'removal.issue',
  'GET /api/computers/:agent/unproven-spans': 'records.read',
  'POST /api/enrollment-tokens': 'enrolment.create',
  'GET /api/records/:agent/:epoch/:seq/raw': 'records.read',
  'GET /api/violations': 'violations.read',
  'GET /api/violations/:id': 'violations.read',
  'GET /api/violations/:id/medium': 'media.read',
  'GET /api/computers/:agent/media': 'media.read',
  'POST /api/computers/:agent/grants': 'media.grant',
  'POST /api/computers/:agent/grants/end': 'media.grant',
  'POST /api/computers/:agent/spoken-code': 'media.grant',
  'GET /api/registers/:kind': 'registers.read',
  'POST /api/registers/:kind': 'registers.write',
  'GET /api/registers/:kind/next-number': 'registers.write',
  'GET /api/registers/:kind/:number': 'registers.read',
  'PUT /api/registers/:kind/:number': 'registers.write',
  'POST /api/registers/:kind/:number/state': 'registers.keep',
  'GET /api/registers/computers/:number/measured': 'registers.read',
  'GET /api/registers/unfiled': 'registers.read',
  'GET /api/computers/:agent/register-entry': 'registers.read',
  'POST /api/computers/:agent/register-link': 'registers.keep',
  'POST /api/registers/carriers/:number/handovers': 'registers.write',
  'POST /api/handovers/:id/sign': 'registers.sign',
  'POST /api/handovers/:id/withdraw': 'registers.keep',
  'GET /api/department-tree': 'registers.read',
  'POST /api/department-tree': 'registers.keep',
  'PUT /api/department-tree/:department': 'registers.keep',
  'DELETE /api/department-tree/:department': 'registers.keep',
  'GET /api/number-patterns': 'registers.read',
  'PUT /api/number-patterns/:kind': 'registers.keep',
  'GET /api/printable/:kind': 'prints.read',
  'POST /api/prints/labels': 'prints.make',
  'POST /api/prints/forms/preview': 'prints.make',
  'POST /api/prints/forms': 'prints.make',
  'GET /api/prints': 'prints.read',
  'GET /api/prints/find': 'prints.read',
  'GET /api/prints/:id': 'prints.read',
  'POST /api/prints/:id/runs': 'prints.make',
  'POST /api/prints/:id/returns': 'prints.make',
  'GET /api/form-numbers': 'prints.read',
  'PUT /api/form-numbers': 'registers.keep',
  'GET /api/media': 'media.read',
  'POST /api/media': 'media.write',
  'GET /api/media/:number': 'media.read',
  'PUT /api/media/:number': 'media.write',
  'POST /api/media/:number/state': 'media.write',
  'POST /api/media/:number/passport': 'media.write',
  'POST /api/media/:number/seal': 'media.write',
  'GET /api/media/template.xlsx': 'media.write',
  'POST /api/media/import': 'media.write',
  'POST /api/media/import/:id/confirm': 'media.write',
  'GET /api/feed': 'computers.read',
  'GET /api/forwarding': 'forwarding.read',
  'POST /api/forwarding': 'forwarding.write',
  'PUT /api/forwarding/:id': 'forwarding.write',
  'POST /api/forwarding/:id/pause': 'forwarding.write',
  'POST /api/forwarding/:id/test': 'forwarding.write',
  'POST /api/forwarding/:id/remove': 'forwarding.write',
  'GET /api/archives': 'backup.read',
  'POST /api/archives': 'retention.remove',
  'POST /api/archives/removal': 'retention.remove',
  'GET /api/backups': 'backup.read',
  'PUT /api/backups/settings': 'backup.make',
  'POST /api/backups/passphrase': 'backup.make',
  'POST /api/backups': 'backup.make',
  'POST /api/backups/restore': 'backup.restore',
  'GET /api/accounts': 'accounts.read',
  'POST /api/accounts': 'accounts.write',
  'GET /api/accounts/:name/history': 'accounts.read',
  'POST /api/accounts/:name/disable': 'accounts.write',
  'POST /api/accounts/:name/enable': 'accounts.write',
  'POST /api/accounts/:name/person': 'accounts.write',
  'POST /api/accounts/:name/role': 'accounts.write',
  'GET /api/departments': 'accounts.read',
  'PUT /api/computers/:agent/department': 'computers.write',
  'GET /api/acts': 'acts.read',
  'GET /api/acts/:id': 'acts.read',
  'POST /api/acts/:id/agree': 'acts.decide',
  'POST /api/acts/:id/refuse': 'acts.decide',
  'POST /api/acts/:id/withdraw': 'acts.decide',
  'GET /api/violations/:id/handling': 'violations.read',
  'POST /api/violations/:id/handling': 'violations.handle',
  'POST /api/violations/steps': 'violations.handle',
  'GET /api/handlers': 'violations.handle',
  'POST /api/violations/:id/assignee': 'violations.handle',
  'GET /api/violations/:id/repeats': 'violations.read',
  'POST /api/violations/:id/repeats': 'violations.handle',
  'POST /api/violations/:id/repeats/end': 'violations.handle',
  'POST /api/violations/:id/attachments': 'violations.handle',
  'GET /api/violations/:id/attachments/:attachment': 'violations.read',
  'POST /api/violations/:id/statement-requests': 'violations.handle',
  'GET /api/statement-requests': 'statements.enter',
  'GET /api/statement-requests/:form': 'statements.enter',
  'POST /api/statements': 'statements.enter',
  'POST /api/violations/:id/exception': 'violations.handle',
  'GET /api/exceptions': 'violations.read',
  'POST /api/exceptions/:exception/revoke': 'violations.handle',
  'GET /api/clocks': 'violations.read',
  'GET /api/violations/:id/clock-acts': 'violations.read',
  'POST /api/violations/:id/reports': 'violations.handle',
  'POST /api/violations/:id/rectification': 'violations.handle',
  'GET /api/escalations': 'violations.read',
  'POST /api/escalations/:escalation/seen': 'violations.handle',
  'GET /api/clock-settings': 'violations.read',
  'PUT /api/clock-settings': 'violations.handle',
  'GET /api/hand-ins': 'media.read',
  'POST /api/hand-ins': 'media.write',
  'GET /api/violations/:id/leak-form': 'records.read',
  'PUT /api/violations/:id/leak-form': 'violations.handle',
  'POST /api/violations/:id/leak-form/prints': 'violations.handle',
  'GET /api/saved-views': 'violations.read',
  'POST /api/saved-views': 'violations.read',
  'DELETE /api/saved-views/:view': 'violations.read',
  'GET /api/actions': 'actions.read',
  'GET /api/actions/:id': 'actions.read',
  'GET /api/actions.csv': 'actions.read',
  'GET /api/trail': 'actions.read',
  'GET /api/warnings': 'warnings.read',
  'POST /api/trail/verification': 'actions.verify',
  'GET /api/trail/checkpoints': 'actions.read',
  'POST /api/trail/checkpoints': 'actions.verify',
  'POST /api/trail/set-back': 'actions.verify',
  'GET /*': 'public',
}

let test: TestApi
let routes: Route[]
let cookies: Readonly<Record<Role, string>>
beforeAll(async () => {
  test = await startTestApi()
  routes = routesOf(test.api)
  cookies = {
    'sys-admin': await test.signIn('sys-admin'),
    'sec-admin': await test.signIn('sec-admin'),
    auditor: await test.signIn('auditor'),
    custodian: await test.signIn('custodian'),
    'station-operator': await test.signIn('station-operator'),
    viewer: await test.signIn('viewer'),
  }
})
afterAll(() => test[Symbol.asyncDispose]())

describe('the permission table', () => {
  it('gives every permission to somebody, and none to everybody', () => {
    const roles = Object.values(ROLE_PERMISSIONS)
    for (const permission of PERMISSIONS)
      expect(
        roles.some((held) => held.includes(permission)),
        permission,
      ).toBe(true)
    const shared = PERMISSIONS.filter((permission) => roles.every((held) => held.includes(permission)))
    expect(shared).toEqual([])
  })

  it('keeps the three apart: evidence from the system administrator, the trail from whom it is about', () => {
    for (const evidence of ['violations.read', 'records.read', 'overview.read', 'policy.write'] as const) {
      expect(mayRole('sys-admin', evidence)).toBe(false)
    }
    expect(mayRole('sec-admin', 'actions.read')).toBe(false)
    expect(mayRole('sys-admin', 'actions.read')).toBe(false)
    const changing = ['policy.write', 'enrolment.create', 'command.rescan'] as const
    expect(changing.filter((permission) => mayRole('auditor', permission))).toEqual([])
  })
})

describe('every route', () => {
  it('names its access, and is known here', () => {
    for (const { access, method, url } of routes) expect(isAccess(access), `${method} ${url}`).toBe(true)
    const found = Object.fromEntries(routes.map(({ method, url, access }) => [`${method} ${url}`, access]))
    expect(found).toEqual(expected)
  })

  it('must name it, and how it is scoped, to be registered at all', () => {
    const hooks: ((route: object) => void)[] = []
    const recorder = {
      decorateRequest: () => undefined,
      addHook: (name: string, hook: (route: object) => void) => void (name === 'onRoute' && hooks.push(hook)),
    }
    guardRoutes(recorder as unknown as Api, {
      store: test.store,
      names: [],
      now: Date.now,
      sessionLimits: { idleMs: 1, absoluteMs: 1 },
      isAddressKept: () => true,
      note: async () => 0,
    })
    const register = (url: string, config: object) => () => hooks[0]?.({ method: 'GET', url, config })
    expect(register('/api/new', {})).toThrow('names no access')
    expect(register('/api/new', { access: 'violations.steal' })).toThrow('names no access')
    // A role of one department holds these permissions: what it reaches must be said.
    for (const permission of ROLE_PERMISSIONS.custodian)
      expect(register('/api/new', { access: permission }), permission).toThrow('names no scope')
    expect(register('/api/new', { access: 'computers.read', scope: 'computer' })).toThrow('has no :agent')
    expect(register('/api/new/:agent', { access: 'computers.read', scope: 'computer' })).not.toThrow()
    expect(register('/api/new', { access: 'computers.read', scope: 'filtered' })).not.toThrow()
    expect(register('/api/new', { access: 'policy.write' })).not.toThrow()
  })

  it('answers each role as the table says, and nobody without a session', async () => {
    for (const { method, url, access } of routes.filter(
      (route) => route.url.startsWith('/api/') && !route.url.endsWith('/feed'),
    )) {
      if (
        access === undefined ||
        access === 'public' ||
        access === 'enrolment-secret' ||
        access === 'agent-proof' ||
        access === 'own-session' ||
        access === 'own-account'
      )
        continue
      const path = url
        .replace(':agent', 'no-such')
        .replace(':epoch', 'e')
        .replace(':seq', '1')
        .replace(':id', '1')
        .replace(':number', 'YM-0000')
        .replace(':name', 'nobody')
      const nobody = await test.call(method, path)
      expect([nobody.status, codeOf(nobody)], `${method} ${url}`).toEqual([401, 'not-signed-in'])
      for (const role of Object.keys(TEST_ACCOUNTS) as Role[]) {
        const answer = await test.call(method, path, { cookie: cookies[role] })
        const label = `${role}: ${method} ${url}`
        if (mayRole(role, access)) expect([200, 400, 404], label).toContain(answer.status)
        else expect([answer.status, codeOf(answer)], label).toEqual([403, 'not-permitted'])
      }
    }
  })

  it('is in the OpenAPI document, which needs no sign-in', async () => {
    const answer = await test.call('GET', '/api/openapi.json')
    const { openapi, paths } = answer.json as {
      openapi: string
      paths: Record<string, Record<string, object>>
    }
    expect(openapi).toMatch(/^3\.1/)
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const api = Object.keys(expected).filter((route) => route.includes('/api/'))
    expect(listed.toSorted()).toEqual(api.map((route) => route.replaceAll(/:([a-z]+)/g, '{$1}')).toSorted())
  })

  it('leaves a note of each refusal, with who and where from', async () => {
    await test.call('GET', '/api/violations', { cookie: cookies['sys-admin'] })
    const [newest] = await test.store.actions({ limit: 1 })
    expect(newest).toMatchObject({
      account: 'wang',
      action: 'refused',
      object: 'GET /api/violations',
      detail: 'not-permitted: violations.read',
      address: '127.0.0.1',
    })
  })
})

/** Reads the routes from the document and the router themselves, not from what the code says of itself. */
function routesOf(api: Api): Route[] {
  return api.registeredRoutes.filter(({ method }) => method !== 'HEAD')
}
