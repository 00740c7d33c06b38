/**
 * The network as it is known between two pictures: the last picture, with interfaces and routes as the facts since have
 * them. So a link that is up for ten milliseconds is judged although no picture was taken meanwhile. Pure bookkeeping.
 */
import { type Fact, LIMITS, type NetworkInterface, type Picture, type Route } from '@shoukou/protocol'
import { fitPicture } from './fit-picture.ts'

const ROUTE_TABLE_LOCAL = 255
/** Beyond these the newest are not followed; the next picture says what there is. */
const interfacesMax = 8_192
const routesMax = 65_536

export class LivePicture {
  readonly #interfaces = new Map<
    number,
    { readonly adapter: NetworkInterface; readonly generation: number }
  >()
  #generation = 0
  readonly #routes = new Map<string, Route>()
  #base: Picture | null = null

  /** Null until the first picture has come: before, half of what there is may not have been told. */
  get hasPicture(): boolean {
    return this.#base !== null
  }

  get interfaces(): readonly NetworkInterface[] {
    return [...this.#interfaces.values()].map(({ adapter }) => adapter)
  }

  /** Takes a fact in; returns whether it changed anything that is judged. */
  note(fact: Fact): boolean {
    // The rest says nothing of the network.
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check
    switch (fact.kind) {
      case 'network.interface-added': {
        // Told again although it is there: the sensor has begun anew.
        const isAgain = this.#interfaces.get(fact.interface.index)?.generation === this.#generation
        if (isAgain) this.#generation += 1
        return this.#setInterface(fact.interface)
      }
      case 'network.interface-changed':
        if (fact.before.index !== fact.interface.index) this.#interfaces.delete(fact.before.index)
        return this.#setInterface(fact.interface)
      case 'network.interface-removed':
        for (const [key, route] of this.#routes) {
          if (route.interfaceIndex === fact.interface.index) this.#routes.delete(key)
        }
        return this.#interfaces.delete(fact.interface.index)
      case 'network.routes-changed':
        for (const route of fact.removed) this.#routes.delete(keyOf(route))
        for (const route of fact.added) this.#setRoute(route)
        return true
      case 'network.picture':
        if (fact.cause === 'start') this.#takeStart(fact.picture)
        this.#takeRest(fact.picture)
        return true
      default:
        return false
    }
  }

  /** Takes in what is there before the sensors have told of anything. */
  seed(adapters: readonly NetworkInterface[]): void {
    for (const adapter of adapters) this.#setInterface(adapter)
  }

  /** Takes a whole reading in: with sockets, which the pictures after a burst leave out. */
  take(picture: Picture): void {
    this.#takeRest(picture)
  }

  /** Returns the whole as it is known now; null before the first picture. Lists are as long as they are. */
  now(): Picture | null {
    if (this.#base === null) return null
    return { ...this.#base, interfaces: [...this.interfaces], routes: [...this.#routes.values()] }
  }

  /** Returns it as a record may hold it: `about`, by interface number, comes first; what is left out is counted. */
  proof(about: readonly number[] = []): Picture | null {
    const whole = this.now()
    if (whole === null) return null
    const first = new Set(about)
    const max = LIMITS.pictureItemsMax
    const interfaces = whole.interfaces.toSorted(
      (a, b) => Number(first.has(b.index)) - Number(first.has(a.index)),
    )
    const routes = whole.routes.toSorted((a, b) => rank(a, first) - rank(b, first))
    const over = Math.max(0, interfaces.length - max) + Math.max(0, routes.length - max)
    const isCutAlready = whole.omitted > 0
    return fitPicture({
      ...whole,
      interfaces: interfaces.slice(0, max),
      routes: routes.slice(0, max),
      omitted: isCutAlready ? Math.max(whole.omitted, over) : over,
    })
  }

  #setInterface(adapter: NetworkInterface): boolean {
    if (!this.#interfaces.has(adapter.index) && this.#interfaces.size >= interfacesMax) return false
    this.#interfaces.set(adapter.index, { adapter, generation: this.#generation })
    return true
  }

  #setRoute(route: Route): void {
    if (route.table === ROUTE_TABLE_LOCAL || this.#routes.size >= routesMax) return
    this.#routes.set(keyOf(route), route)
  }

  /**
   * What a picture alone knows is taken from it; interfaces and routes are what the facts say, which are younger than the
   * tables that the picture was read around. What it could not read stays as it was: nothing ended there.
   */
  #takeRest(picture: Picture): void {
    const before = this.#base
    const lost = (name: string): boolean => before !== null && picture.unread.includes(name)
    const kept = <K extends keyof Picture>(part: K, ...names: string[]): Picture[K] =>
      before !== null && names.some(lost) ? before[part] : picture[part]
    this.#base = {
      ...picture,
      neighbours: kept('neighbours', 'neighbours'),
      rules: kept('rules', 'rules'),
      leases: kept('leases', 'leases'),
      dnsServers: kept('dnsServers', 'dns'),
      wireless: kept('wireless', 'wireless'),
      sharing: kept('sharing', 'forwarding', 'address-translation', 'sockets'),
      // A picture after a burst is taken without sockets: those of the last whole reading stand meanwhile.
      sockets: picture.sockets.length > 0 ? picture.sockets : (before?.sockets ?? []),
    }
  }

  /** The sensor began anew and told all that is there: what it did not tell has gone. */
  #takeStart(picture: Picture): void {
    for (const [index, { generation }] of this.#interfaces) {
      if (generation !== this.#generation) this.#interfaces.delete(index)
    }
    if (picture.omitted > 0 || picture.unread.includes('routes')) return
    this.#routes.clear()
    for (const route of picture.routes) this.#setRoute(route)
  }
}

/** Default routes and those of the interfaces in question first. */
function rank(route: Route, first: ReadonlySet<number>): number {
  const isAbout = route.interfaceIndex !== null && first.has(route.interfaceIndex)
  return (isAbout ? 0 : 2) + (route.prefixLength === 0 ? 0 : 1)
}

function keyOf({ family, destination, prefixLength, gateway, interfaceIndex, table, metric }: Route): string {
  return JSON.stringify([family, destination, prefixLength, gateway, interfaceIndex, table, metric])
}
