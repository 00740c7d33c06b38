/** The types of this API's Fastify: over TLS, typed by its schemas, each route with its access. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import type { SignedIn } from '../workflows/accounts/session.ts'
import type { Access } from './permissions.ts'
import type { RouteScope } from './scope.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** What of the unit it reaches for a role that sees one department alone; left out, nothing. */
    scope?: RouteScope
    /** Read by a screen on the wall, whose session reaches nothing else. */
    wall?: true
  }
  interface FastifyRequest {
    /** Null where the route is public, or nobody is signed in. */
    signedIn: SignedIn | null
    /** The socket's far end, taken when the request came: a connection that was cut since has none any more. */
    peerAddress: string
  }
}

export type Api = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
/** As much of a request as notes and guards need: any route's fits. */
export type AnyRequest = Pick<FastifyRequest, 'peerAddress' | 'signedIn'>
