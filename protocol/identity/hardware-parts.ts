/** The numbers that a machine may be known by. Names only: pages use them, too. */

/** Of the machine itself: they go where the main board goes. */
export const STABLE_HARDWARE = ['product-uuid', 'product-serial', 'board-serial', 'chassis-serial'] as const
/** Built in, and exchanged now and then: the disks that the system stands on, the network adapters. */
export const HARDWARE_PARTS = [...STABLE_HARDWARE, 'disk', 'adapter'] as const
export type HardwarePart = (typeof HARDWARE_PARTS)[number]

/** Reports whether a part belongs to the machine itself. */
export function isStableHardware(part: HardwarePart): boolean {
  return (STABLE_HARDWARE as readonly string[]).includes(part)
}
