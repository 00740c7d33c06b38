/** Which name servers this computer asks: resolv.conf, and what stands behind a stub on the computer itself. */
import { effectiveServers, parseResolvConf } from './parse-resolv-conf.ts'
import type { PictureFiles } from './picture-files-linux.ts'

/** Real servers as the two managers write them for whoever does not want their stub. */
const behindStub = [
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
  '/run/NetworkManager/resolv.conf',
]

/** Reads the name servers, in the order in which they are asked. */
export function readDnsServers(files: PictureFiles): string[] {
  const configured = parseResolvConf(files.text('/etc/resolv.conf'))
  const behind = behindStub.flatMap((path) => parseResolvConf(files.text(path)))
  return effectiveServers(configured, behind)
}
