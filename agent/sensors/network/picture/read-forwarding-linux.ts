/** Whether this computer passes packets of others on, by the switches of the kernel. Only reads. */
import type { Sharing } from '@shoukou/protocol'
import type { PictureFiles } from './picture-files-linux.ts'
import { rawOfLatin1 } from './raw-words.ts'

const base = '/proc/sys/net'

/**
 * Reads the switches that are on. IPv4 forwards what comes in by an interface whose own switch is on (`ip_forward` sets
 * them all); IPv6 by the one for all, or by `force_forwarding` of one interface (Linux 6.17): the switch `forwarding` of
 * a single interface only makes it a router towards its neighbours (Documentation/networking/ip-sysctl.rst).
 */
export function readForwarding(files: PictureFiles): Sharing[] {
  const isOn = (path: string): boolean => /^[1-9]/.test(files.text(path))
  const interfacesOf = (family: string): string[] =>
    files.names(`${base}/${family}/conf`).filter((name) => !['all', 'default', 'lo'].includes(name))
  const ipv4 = isOn(`${base}/ipv4/ip_forward`)
    ? ['net.ipv4.ip_forward=1']
    : interfacesOf('ipv4')
        .filter((name) => isOn(`${base}/ipv4/conf/${name}/forwarding`))
        .map((name) => `net.ipv4.conf.${name}.forwarding=1`)
  const ipv6 = isOn(`${base}/ipv6/conf/all/forwarding`)
    ? ['net.ipv6.conf.all.forwarding=1']
    : interfacesOf('ipv6')
        .filter((name) => isOn(`${base}/ipv6/conf/${name}/force_forwarding`))
        .map((name) => `net.ipv6.conf.${name}.force_forwarding=1`)
  return [
    ...ipv4.map((words) => sharing('forwarding-ipv4', words)),
    ...ipv6.map((words) => sharing('forwarding-ipv6', words)),
  ]
}

function sharing(service: Sharing['service'], latin1: string): Sharing {
  return { service, detail: rawOfLatin1(latin1), port: null, pid: null, program: null }
}
