/**
 * Every address of the pages, as the router takes them: pure, so that what checks all pages takes them from here and a new
 * page cannot be forgotten. What stands at each is `pages.tsx` and, below a star, the pages of that folder.
 */

/** Below the frame, for who is signed in. */
export const frameRoutes = [
  '/',
  '/account',
  '/violations/:id?',
  '/exceptions',
  '/statements',
  '/statements/form/:code',
  '/clocks',
  '/clocks/:violation/report',
  '/computers',
  '/computers/:agent/:tab?',
  '/media',
  '/media/:number',
  '/registers/*',
  '/findings',
  '/prints/*',
  '/bundles',
  '/bundles/:slip',
  '/sign-in',
  '/acts',
  '/accounts',
  '/audit',
  '/forwarding',
  '/backups',
  '/ceiling',
  '/system',
] as const
export type FrameRoute = (typeof frameRoutes)[number]

export const registerRoutes = ['departments', 'patterns', ':kind', ':kind/:number'] as const
export type RegisterRoute = (typeof registerRoutes)[number]

export const printRoutes = ['', 'labels', 'forms', ':id'] as const
export type PrintRoute = (typeof printRoutes)[number]

/** A screen on a wall: outside the frame, and outside a session where it has a code. */
export const wallPath = '/wall'

/** Returns every address that has a page of its own, without stars. */
export function everyRoute(): readonly string[] {
  return [
    ...frameRoutes.filter((route) => !route.endsWith('/*')),
    ...registerRoutes.map((route) => `/registers/${route}`),
    ...printRoutes.map((route) => `/prints/${route}`.replace(/\/$/, '')),
    wallPath,
  ]
}
