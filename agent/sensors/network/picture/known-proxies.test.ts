import { expect, it } from 'vitest'
import { judgeListener, type Listener } from './known-proxies.ts'
import { parseAccount, parseCgroup } from './parse-process.ts'

const listener: Listener = { isTcp: true, port: 9_999, names: ['java'], commandLine: 'java -jar a.jar' }

it('knows a proxy by its program, whatever the port, by name or by path, TCP or UDP', () => {
  expect(judgeListener({ ...listener, names: ['squid'] })).toBe('known-program')
  expect(judgeListener({ ...listener, names: ['MainThread', 'Mihomo'] })).toBe('known-program')
  expect(judgeListener({ ...listener, isTcp: false, names: ['hysteria'] })).toBe('known-program')
})

it('says of a usual port alone that it was the port, and only for TCP', () => {
  expect(judgeListener({ ...listener, port: 1_080 })).toBe('usual-port')
  expect(judgeListener({ ...listener, port: 8_080, names: ['nginx'] })).toBe('usual-port')
  expect(judgeListener({ ...listener, port: 1_080, isTcp: false })).toBeNull()
})

it('leaves an ordinary server alone', () => {
  expect(judgeListener(listener)).toBeNull()
  expect(judgeListener({ ...listener, port: 443, names: ['nginx'] })).toBeNull()
  expect(judgeListener({ ...listener, names: ['proxyman-updater'] })).toBeNull()
})

it('tells ssh that forwards from the daemon that waits for logins', () => {
  const sshd = (commandLine: string, name = 'sshd'): unknown =>
    judgeListener({ ...listener, names: [name], commandLine })
  expect(judgeListener({ ...listener, names: ['ssh'], commandLine: 'ssh -D 0.0.0.0:1080 x' })).toBe(
    'known-program',
  )
  expect(sshd('sshd: zhang@pts/0')).toBe('known-program')
  expect(sshd('sshd-session: zhang', 'sshd-session')).toBe('known-program')
  expect(sshd('sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups')).toBeNull()
  expect(sshd('/usr/sbin/sshd -D')).toBeNull()
})

it('reads unit and container out of the cgroup, of either version', () => {
  const id = 'a'.repeat(64)
  expect(parseCgroup('0::/system.slice/squid.service\n')).toEqual({ unit: 'squid.service', container: null })
  expect(parseCgroup(`0::/system.slice/docker-${id}.scope\n`)).toEqual({
    unit: `docker-${id}.scope`,
    container: id,
  })
  expect(parseCgroup(`12:pids:/docker/${id}\n1:name=systemd:/docker/${id}\n`)).toEqual({
    unit: null,
    container: id,
  })
  expect(parseCgroup('0::/user.slice/user-1000.slice/user@1000.service/app.slice/ssh.scope\n').unit).toBe(
    'ssh.scope',
  )
  expect(parseCgroup('')).toEqual({ unit: null, container: null })
})

it('finds the account of a uid, and none for one that has none', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nzhang:x:1000:1000::/home/zhang:/bin/sh\n'
  expect([parseAccount(passwd, 1_000), parseAccount(passwd, 100)]).toEqual(['zhang', null])
})
