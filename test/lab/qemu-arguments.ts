/**
 * The guest's hardware, as QEMU's command line. Pure.
 *
 * Emulated in software (tcg): hardware virtualisation hangs on some build machines, and a test must mean the same on
 * each of them.
 */

/** The address at which the guest reaches the console, and the name that the console's certificate must carry. */
export const CONSOLE_ADDRESS = '10.0.2.100'

/** The guest's one network link; its policy approves this address. */
export const LINK_MAC = '52:54:00:4c:41:42'
export const LINK_ADDRESS = '10.0.2.15/24'
/** What the guest's udev calls it, by its place on the bus. */
export const LINK_NAME = 'enp0s16'
export const LINK_BUS_PATH = '0000:00:10.0'

export const XHCI_PORTS = 12

/** The port through which the outside watcher speaks with the test. */
export const WATCHER_PORT = 'shoukou.watcher'

export interface GuestHardware {
  readonly kernel: string
  readonly initialRamDisk: string
  readonly rootDisk: string
  readonly stateDisk: string
  /** A read-only file system to stand at /agent. */
  readonly agentDisk: string | undefined
  readonly share: string
  readonly qmpSocket: string
  readonly commandSocket: string
  readonly watcherSocket: string
  readonly serialLog: string
  /** Ports of the host's loopback that the guest may reach, each under the same number. */
  readonly consolePorts: readonly number[]
  readonly memoryMb: number
  readonly cpus: number
  readonly translationMb: number
  readonly extra: readonly string[]
}

/** Returns the arguments of qemu-system-x86_64. */
export function qemuArguments(hardware: GuestHardware): string[] {
  // -lf: socat's complaints would go down the connection itself, as if the console had said them.
  const forwards = hardware.consolePorts.map(
    (port) => `guestfwd=tcp:${CONSOLE_ADDRESS}:${port}-cmd:socat -lf /dev/null - TCP:127.0.0.1:${port}`,
  )
  const options: readonly (readonly [string, string])[] = [
    ['-display', 'none'],
    ['-name', 'shoukou-lab'],
    ['-machine', 'q35'],
    ['-accel', `tcg,thread=multi,tb-size=${hardware.translationMb}`],
    ['-cpu', 'Nehalem'],
    ['-smp', String(hardware.cpus)],
    ['-m', String(hardware.memoryMb)],
    ['-rtc', 'base=utc,clock=host'],
    ['-kernel', hardware.kernel],
    ['-initrd', hardware.initialRamDisk],
    // no_timer_check: on a busy host the emulated timer is late, and the kernel would take that for broken hardware.
    // No panic=: a guest that panicked stands still, and its last words stay in the log.
    ['-append', 'console=ttyS0 quiet mitigations=off no_timer_check'],
    ['-serial', `file:${hardware.serialLog}`],
    ['-qmp', `unix:${hardware.qmpSocket},server=on,wait=off`],
    ['-device', 'virtio-serial-pci'],
    ['-chardev', `socket,id=commands,path=${hardware.commandSocket},server=on,wait=off`],
    ['-device', 'virtserialport,chardev=commands,name=org.qemu.guest_agent.0'],
    ['-chardev', `socket,id=watcher,path=${hardware.watcherSocket},server=on,wait=off`],
    ['-device', `virtserialport,chardev=watcher,name=${WATCHER_PORT}`],
    ...disk('root', `file=${hardware.rootDisk},snapshot=on`),
    // The guest's flush is a flush of the host's file. What the guest had not flushed is in its memory, which a reset
    // empties: the loss that a power cut means for a program.
    ...disk('state', `file=${hardware.stateDisk},cache=writeback`),
    ...(hardware.agentDisk === undefined ? [] : disk('agent', `file=${hardware.agentDisk},readonly=on`)),
    ['-virtfs', `local,path=${hardware.share},mount_tag=host,security_model=none`],
    ['-netdev', ['user,id=link,restrict=on,ipv6=off', ...forwards].join(',')],
    // A place of its own on the bus: its name does not change with the number of disks.
    ['-device', `virtio-net-pci,netdev=link,mac=${LINK_MAC},addr=0x10`],
    ['-device', `qemu-xhci,id=xhci,p2=${XHCI_PORTS},p3=${XHCI_PORTS}`],
  ]
  return ['-nodefaults', '-no-user-config', ...options.flat(), ...hardware.extra]
}

function disk(id: string, drive: string): (readonly [string, string])[] {
  return [
    ['-drive', `if=none,id=${id},format=raw,${drive}`],
    ['-device', `virtio-blk-pci,drive=${id},serial=lab-${id}`],
  ]
}
