import { describe, expect, it } from 'vitest'
import { cgroupOwnerOf } from './cgroup-owner.ts'

const id = 'a'.repeat(64)

describe('the owner of a cgroup', () => {
  it.each([
    ['/system.slice/ssh.service', { unit: 'ssh.service', container: null, sessionUid: null }],
    [
      '/user.slice/user-1000.slice/session-3.scope',
      { unit: 'session-3.scope', container: null, sessionUid: 1000 },
    ],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-77.scope',
      { unit: 'app-firefox-77.scope', container: null, sessionUid: 1000 },
    ],
    [`/system.slice/docker-${id}.scope`, { unit: `docker-${id}.scope`, container: id, sessionUid: null }],
    [`/docker/${id}`, { unit: null, container: id, sessionUid: null }],
    [
      `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
      { unit: `libpod-${id}.scope`, container: id, sessionUid: 1000 },
    ],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`,
      { unit: `cri-containerd-${id}.scope`, container: id, sessionUid: null },
    ],
    [`/kubepods/besteffort/pod1/${id}`, { unit: null, container: id, sessionUid: null }],
    [
      '/lxc.payload.web/system.slice/nginx.service',
      { unit: 'nginx.service', container: 'web', sessionUid: null },
    ],
    ['/machine.slice/machine-lab.scope', { unit: 'machine-lab.scope', container: 'lab', sessionUid: null }],
    ['/', { unit: null, container: null, sessionUid: null }],
  ])('of %s is what the path says', (path, expected) => {
    expect(cgroupOwnerOf(path)).toEqual(expected)
  })

  it('is nobody where there is no path, or none that a kernel makes', () => {
    const nobody = { unit: null, container: null, sessionUid: null }
    expect(cgroupOwnerOf(null)).toEqual(nobody)
    expect(cgroupOwnerOf(`/${'x'.repeat(5_000)}.service`)).toEqual(nobody)
    expect(cgroupOwnerOf(`/user-99999999999.slice/${'x'.repeat(300)}.service`)).toEqual(nobody)
  })
})
