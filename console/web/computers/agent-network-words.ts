/** What an agent says of network control and of hardware, as patterns: part of `agent-words.ts`. */
import type { Sentence } from './agent-words.ts'

/** The first that matches holds: a general one stands behind those that it would swallow. */
export const networkSentences: readonly Sentence[] = [
  { pattern: /^This kernel does not ask about connections over IPv4\.$/, key: 'says.net.no-ipv4-hook' },
  { pattern: /^This kernel does not ask about connections over IPv6\.$/, key: 'says.net.no-ipv6-hook' },
  { pattern: /^This kernel does not ask about datagrams over IPv4\.$/, key: 'says.net.no-datagram4-hook' },
  { pattern: /^This kernel does not ask about datagrams over IPv6\.$/, key: 'says.net.no-datagram6-hook' },
  { pattern: /^This kernel does not ask about raw sockets\.$/, key: 'says.net.no-raw-hook' },
  {
    pattern: /^This kernel does not ask about ICMP sockets: only the packet net sees them\.$/,
    key: 'says.net.no-icmp-hook',
  },
  {
    pattern:
      /^This kernel does not tell the path of a program at the moment it connects: programs that end at once have none\.$/,
    key: 'says.net.no-path',
  },
  { pattern: /^This kernel does not tell which connections came about\.$/, key: 'says.net.no-established' },
  { pattern: /^This kernel does not tell which program waits at a port\.$/, key: 'says.net.no-listener' },
  { pattern: /^The kernel refused (?<detail>\S+ \(errno \d+\))\.$/, key: 'says.net.kernel-refused' },
  { pattern: /^The kernel can't be asked: (?<detail>[^]*)\.$/, key: 'says.net.kernel-unasked' },
  {
    pattern: /^The policy has more (?<detail>[^]*) than the kernel's table holds\.$/,
    key: 'says.net.too-many-rules',
  },
  {
    pattern:
      /^Give the agent more memory \(LimitMEMLOCK=infinity\), or remove rights that are no longer needed\.$/,
    key: 'says.net.bpf-memory',
  },
  {
    pattern:
      /^Run the agent as root with CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN; no other program may hold the cgroup for itself alone\.$/,
    key: 'says.net.bpf-root',
  },
  {
    pattern:
      /^Use a kernel of Linux (?<detail>[\d.]+) or later with CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF, and a cgroup2 tree\.$/,
    key: 'says.net.bpf-kernel',
  },
  { pattern: /^a program that ends at once is not named$/, key: 'says.net.coarse-program' },
  { pattern: /^some connections came faster than they could be looked at$/, key: 'says.net.coarse-fast' },
  { pattern: /^connection tracking can not be asked: (?<detail>[^]*)$/, key: 'says.net.no-conntrack-feed' },
  { pattern: /^connections can not be looked for: (?<detail>[^]*)$/, key: 'says.net.no-coarse' },
  {
    pattern: /^sockets are looked at every (?<detail>\d+) ms: what connects and ends in between is not seen$/,
    key: 'says.net.sweep',
  },
  {
    pattern: /^needs a koffi build for this processor and permission to read \/proc$/,
    key: 'says.net.read-proc',
  },
  {
    pattern:
      /^IP packets sent through packet sockets are not seen: this kernel can not tell them from others$/,
    key: 'says.net.raw-packets-unseen',
  },
  {
    pattern: /^frames sent below IP are not seen: this kernel has no rules at the egress of interfaces$/,
    key: 'says.net.frames-unseen',
  },
  {
    pattern: /^frames below IP are not seen at (?<detail>[^]*): nft can not be told its name$/,
    key: 'says.net.frames-unseen-at',
  },
  { pattern: /^install nftables 1\.0\.0 or newer$/, key: 'says.net.install-nft' },
  {
    pattern: /^needs Linux 5\.6 or newer with nf_tables, nft_log and nft_limit$/,
    key: 'says.net.nft-kernel',
  },
  { pattern: /^nft is not installed$/, key: 'says.net.nft-missing' },
  { pattern: /^nft does not say its version$/, key: 'says.net.nft-version' },
  { pattern: /^(?<detail>nft [\d.]+)(?: is)? too old$/, key: 'says.net.nft-old' },
  { pattern: /^nft could not be run(?:: (?<detail>[^]*)|\.)$/, key: 'says.net.nft-failed' },
  { pattern: /^nft could not list a table\.$/, key: 'says.net.nft-list' },
  {
    pattern: /^no connection tracking: answers are told from connections by addresses and ports alone$/,
    key: 'says.net.no-conntrack',
  },
  { pattern: /^run the agent as root, with CAP_NET_ADMIN$/, key: 'says.net.root-net-admin' },
  { pattern: /^run the agent as root$/, key: 'says.net.root' },
  { pattern: /^the kernel does not let the agent set packet rules$/, key: 'says.net.nft-refused' },
  { pattern: /^the kernel has no nf_tables as it is needed$/, key: 'says.net.nft-absent' },
  { pattern: /^the packet net could not be opened: (?<detail>[^]*)$/, key: 'says.net.packet-net-unopened' },
  { pattern: /^the packet net is not in force$/, key: 'says.net.packet-net-absent' },
  { pattern: /^The packet tables could not be set\.$/, key: 'says.net.tables-unset' },
  { pattern: /^The packet tables could not be removed\.$/, key: 'says.net.tables-unremoved' },
  { pattern: /^the tables were gone$/, key: 'says.net.tables-gone' },
  { pattern: /^counters were set back$/, key: 'says.net.counters-back' },
  { pattern: /^while the agent did not run$/, key: 'says.net.while-away' },
  { pattern: /^could not be looked at: (?<detail>[^]*)$/, key: 'says.net.not-looked' },
  { pattern: /^not opened yet$/, key: 'says.net.not-opened' },
  { pattern: /^not started$/, key: 'says.net.not-started' },
  { pattern: /^isolation rests on one of the two nets alone, or on none$/, key: 'says.net.isolation-half' },
  { pattern: /^not on the disk: it ends with the agent$/, key: 'says.net.not-kept' },
  { pattern: /^the console is reached over it; nothing else may pass$/, key: 'says.net.console-over-it' },
  { pattern: /^the console ordered it$/, key: 'says.net.console-ordered' },
  { pattern: /^no answer within (?<detail>\d+) ms$/, key: 'says.net.no-answer' },
  { pattern: /^no port path: (?<detail>[^]*)$/, key: 'says.net.no-port-path' },
  { pattern: /^(?<detail>[^]*) has gone$/, key: 'says.net.has-gone' },
  { pattern: /^(?<detail>[^]*: )the kernel refused with errno (?<errno>\d+)$/, key: 'says.net.link-errno' },
  {
    pattern: /^(?<detail>[^]*) was to be cut, and (?<step>[a-z-]+) failed: (?<why>[^]*)$/,
    key: 'says.net.cut-failed',
  },
  { pattern: /^not wholly read: (?<detail>[^]*)$/, key: 'says.net.not-wholly' },
  {
    pattern: /^more than (?<most>\d+) devices: (?<detail>\d+) are left out$/,
    key: 'says.net.too-many-devices',
  },
  { pattern: /^neither (?<detail>\S+ nor \S+) is there$/, key: 'says.net.no-sysfs' },
]
