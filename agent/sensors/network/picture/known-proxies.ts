/**
 * Programs that pass connections of others on, and ports where they usually wait. Pure.
 *
 * A program is known by what it is called, and anybody may call his program otherwise: not being here proves nothing. A port
 * alone says less still: many a plain web server waits at 8080.
 */

/** Why a socket that listens is taken for a proxy; the second is the weaker. Stands first in `Sharing.detail`. */
export type ProxySign = 'known-program' | 'usual-port'

const programs = new Set(
  [
    '3proxy,brook,chisel,clash,clash-meta,cntlm,danted,frpc,frps,glider,goproxy,gost,haproxy,hysteria,hysteria2',
    'i2pd,lantern,microsocks,mihomo,mitmdump,mitmproxy,mitmweb,naive,ngrok,npc,nps,polipo,privoxy',
    'pproxy,redsocks,redsocks2,rinetd,shadowsocks,sing-box,socat,sockd,squid,srelay,ss-local,ss-redir',
    'ss-server,ss-tunnel,sslocal,ssserver,tinyproxy,tor,trojan,trojan-go,tuic-client,tuic-server',
    'v2ray,verge-mihomo,xray',
  ]
    .join(',')
    .split(','),
)

/** SOCKS 1080, Squid 3128, Privoxy 8118, Polipo 8123, Clash 7890, Shadowsocks 8388, Tor 9050, V2Ray 10808 and kin. */
const ports = new Set([
  1080, 1081, 3128, 7890, 7891, 7892, 7893, 8080, 8118, 8123, 8388, 8888, 9050, 9150, 10_808, 10_809,
])

export interface Listener {
  readonly isTcp: boolean
  readonly port: number
  /** What the program is called: its `comm`, and the last part of its path. */
  readonly names: readonly string[]
  /** Its command line, words parted by blanks; empty where it is not known. */
  readonly commandLine: string
}

/** Tells by what a listener is taken for a proxy; null where nothing speaks for it. */
export function judgeListener(listener: Listener): ProxySign | null {
  if (listener.names.some((name) => programs.has(name.toLowerCase()))) return 'known-program'
  if (isSshForward(listener)) return 'known-program'
  return listener.isTcp && ports.has(listener.port) ? 'usual-port' : null
}

/**
 * `ssh` only listens to forward (`-D`, `-L`). Of sshd the daemon names itself `sshd: /usr/sbin/sshd -D [listener]` or stands
 * there with its path; a session that listens forwards for the one who signed in (`-R`).
 */
function isSshForward({ names, commandLine, isTcp }: Listener): boolean {
  if (!isTcp) return false
  if (names.includes('ssh') || names.includes('autossh')) return true
  if (!names.includes('sshd') && !names.includes('sshd-session')) return false
  return /^sshd(?:-session)?: /.test(commandLine) && !commandLine.includes('[listener]')
}
