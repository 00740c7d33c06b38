/** The OpenAPI document: made of the schemas that requests and answers are checked by, and of each route's access. */
import swagger from '@fastify/swagger'
import { PRODUCT_VERSION } from '@shoukou/protocol'
import { CSRF_HEADER } from './contract.ts'
import type { Api } from './fastify.ts'
import { SESSION_COOKIE } from './guard.ts'
import type { Access } from './permissions.ts'

export async function registerDocument(api: Api): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Shoukou console',
        version: PRODUCT_VERSION,
        description: `Times are Unix ms. A request that changes something carries the header \`${CSRF_HEADER}: 1\`.`,
      },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } } },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: { ...schema, ...securityOf(route.config?.access) },
    }),
  })
}

function securityOf(access: Access | undefined): object {
  if (
    access === undefined ||
    access === 'public' ||
    access === 'enrolment-secret' ||
    access === 'agent-proof'
  )
    return { security: [] }
  return {
    security: [{ session: [] }],
    description: access === 'own-session' ? 'Any account.' : `Needs \`${access}\`.`,
  }
}
