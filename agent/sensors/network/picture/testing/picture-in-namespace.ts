/**
 * Run in a network namespace of its own: shares this computer's network in every way that the kernel here allows, and prints
 * the picture of it with sockets and without.
 */
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { readPicture } from '../read-picture-linux.ts'
import { samplePicture } from './sample-picture.ts'

const rules = `table ip other {
  chain post {
    type nat hook postrouting priority 100;
    oifname "v0" masquerade
    oifname "v1" masquerade
  }
  chain pre {
    type nat hook prerouting priority -100;
    tcp dport 80 dnat to 10.1.2.3:8080
  }
}
table inet shoukou {
  chain post {
    type nat hook postrouting priority 10;
    masquerade
  }
}
`
const run = (command: string, ...words: string[]): void => {
  execFileSync(command, words, { stdio: ['pipe', 'ignore', 'inherit'] })
}
run('ip', 'link', 'set', 'lo', 'up')
run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
run('sysctl', '-qw', 'net.ipv4.conf.v0.forwarding=1', 'net.ipv6.conf.all.forwarding=1')
execFileSync('nft', ['-f', '-'], { input: rules })
// The kernel's name of the process too, and that is all that is known of most proxies.
process.title = 'squid'
const listen = async (port: number, host: string): Promise<void> => {
  const server = createServer().listen(port, host)
  await new Promise((resolve) => server.once('listening', resolve))
}
await listen(9_999, '0.0.0.0')
await listen(3_128, '127.0.0.1')

const tables = { ...samplePicture, interfaces: [], unread: [] }
const withSockets = await readPicture(tables)
const without = await readPicture(tables, { withSockets: false })
process.stdout.write(JSON.stringify({ pid: process.pid, withSockets, without }))
process.exit()
