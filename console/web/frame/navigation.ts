/** What stands in the navigation for whom: pure. A role that may not see a thing does not see that it is there. */
export const destinations = [
  { key: 'overview', path: '/', permission: 'overview.read' },
  { key: 'violations', path: '/violations', permission: 'violations.read' },
  { key: 'exceptions', path: '/exceptions', permission: 'violations.read' },
  { key: 'statements', path: '/statements', permission: 'statements.enter' },
  { key: 'clocks', path: '/clocks', permission: 'violations.read' },
  { key: 'computers', path: '/computers', permission: 'computers.read' },
  { key: 'media', path: '/media', permission: 'media.read' },
  { key: 'registers', path: '/registers', permission: 'registers.read' },
  { key: 'findings', path: '/findings', permission: 'registers.read' },
  { key: 'prints', path: '/prints', permission: 'prints.read' },
  { key: 'bundles', path: '/bundles', permission: 'bundles.read' },
  { key: 'ceiling', path: '/ceiling', permission: 'ceiling.read' },
  { key: 'sign-in', path: '/sign-in', permission: 'sign-in-rules.read' },
  { key: 'acts', path: '/acts', permission: 'acts.read' },
  { key: 'accounts', path: '/accounts', permission: 'accounts.read' },
  { key: 'audit', path: '/audit', permission: 'actions.read' },
  { key: 'forwarding', path: '/forwarding', permission: 'forwarding.read' },
  { key: 'backups', path: '/backups', permission: 'backup.read' },
  { key: 'system', path: '/system', permission: 'system.read' },
] as const
/** One's own account: open to everybody who is signed in, and reached by one's own name. */
export const accountPath = '/account'
export type Destination = (typeof destinations)[number]

/** Returns what these permissions open, in order. */
export function allowedDestinations(permissions: readonly string[]): Destination[] {
  return destinations.filter((one) => permissions.includes(one.permission))
}

/** Returns the destination that an address belongs to. */
export function destinationOf(pathname: string): Destination | null {
  const first = pathname.split('/')[1] ?? ''
  return destinations.find((one) => one.path === `/${first}`) ?? null
}
