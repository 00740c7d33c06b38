/**
 * What a script of this project needs from the operating system, how it is found, and the Debian package that brings it.
 *
 * Plain CommonJS with built-ins alone, because it runs before anything is installed.
 */
'use strict'

const fs = require('fs')
const path = require('path')
const childProcess = require('child_process')

const BROWSER = [
  { package: 'chromium', commands: ['chromium'] },
  {
    package: 'fonts-noto-cjk',
    files: [
      '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
      '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
      '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc',
    ],
  },
]

/** What tests use beside the browser: real certificates, real disks, the list of files. */
const TEST = BROWSER.concat([
  { package: 'git', commands: ['git'] },
  { package: 'openssl', commands: ['openssl'] },
  { package: 'e2fsprogs', commands: ['mkfs.ext4'] },
  { package: 'mount', commands: ['losetup'] },
  { package: 'iproute2', commands: ['ip'] },
  { package: 'procps', commands: ['ps'] },
  { package: 'nftables', commands: ['nft'] },
  { package: 'gcc', commands: ['gcc'] },
])

/** Each need, by the name that a script gives: one entry is met when any of its commands or files is there. */
const NEEDS = {
  browser: { title: 'the browser tests', entries: BROWSER },
  test: { title: 'the tests', entries: TEST },
  lab: {
    title: 'the lab',
    entries: BROWSER.concat([
      { package: 'qemu-system-x86', commands: ['qemu-system-x86_64'] },
      { package: 'qemu-utils', commands: ['qemu-img'] },
      { package: 'mmdebstrap', commands: ['mmdebstrap'] },
      { package: 'e2fsprogs', commands: ['mkfs.ext4'] },
      { package: 'iproute2', commands: ['ip'] },
      { package: 'nftables', commands: ['nft'] },
      { package: 'conntrack', commands: ['conntrack'] },
      { package: 'socat', commands: ['socat'] },
      { package: 'xz-utils', commands: ['xz'] },
      { package: 'util-linux', commands: ['setpriv'] },
      { package: 'gcc', commands: ['gcc'] },
      // The watcher is linked whole: the guest has no libraries of this machine.
      {
        package: 'libc6-dev',
        files: ['/usr/lib/x86_64-linux-gnu/libc.a', '/usr/lib64/libc.a', '/usr/lib/libc.a'],
      },
    ]),
  },
}

/** Where Debian keeps programs, also those that an ordinary user's PATH leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Returns the path of a program, or null where there is none that may be run. */
function findCommand(name, pathVariable) {
  const folders = (pathVariable || '').split(path.delimiter).concat(SYSTEM_FOLDERS)
  for (const folder of folders) {
    if (folder === '') continue
    const file = path.join(folder, name)
    if (isExecutable(file)) return file
  }
  return null
}

/** Returns the entries of some needs that are not met, each package once. */
function findMissing(needs, pathVariable) {
  const missing = []
  for (const need of needs) {
    for (const entry of NEEDS[need].entries) {
      const isKnown = missing.some(function (one) {
        return one.package === entry.package
      })
      if (!isKnown && !isMet(entry, pathVariable)) missing.push(entry)
    }
  }
  return missing
}

/** Returns the one command that brings what is missing on a Debian system. */
function installCommand(missing, isRoot) {
  const names = missing.map(function (entry) {
    return entry.package
  })
  return (isRoot ? '' : 'sudo ') + 'apt-get install -y --no-install-recommends ' + names.join(' ')
}

/**
 * Decides what to do about missing packages. Pure.
 *
 * Returns `{ act: 'nothing' }`, `{ act: 'install' }`, or `{ act: 'refuse', sentence }` where this program may not or
 * cannot install.
 */
function decide(needs, missing, system) {
  if (missing.length === 0) return { act: 'nothing' }
  if (system.hasApt && system.isRoot) return { act: 'install' }
  const titles = needs.map(function (need) {
    return NEEDS[need].title
  })
  const names = missing.map(function (entry) {
    return entry.package
  })
  const begin = 'Missing for ' + titles.join(' and ') + ': ' + names.join(', ') + '. '
  if (system.hasApt) return { act: 'refuse', sentence: begin + 'Run: ' + installCommand(missing, false) }
  return {
    act: 'refuse',
    sentence: begin + "These are Debian's names; install what this system calls them, then start again.",
  }
}

/**
 * Makes sure that the needs are met, installing where it is root on a Debian-family system.
 *
 * Returns null, or the sentence that says why not and what to run.
 */
function ensureSystemPackages(needs, say) {
  const unknown = needs.filter(function (need) {
    return !Object.prototype.hasOwnProperty.call(NEEDS, need)
  })
  if (unknown.length > 0) {
    return 'Unknown need: ' + unknown.join(', ') + '; known are ' + Object.keys(NEEDS).join(', ') + '.'
  }
  const missing = findMissing(needs, process.env.PATH)
  const system = {
    hasApt: fs.existsSync('/etc/debian_version') && findCommand('apt-get', process.env.PATH) !== null,
    isRoot: typeof process.getuid === 'function' && process.getuid() === 0,
  }
  const decision = decide(needs, missing, system)
  if (decision.act === 'nothing') return null
  if (decision.act === 'refuse') return decision.sentence
  return install(needs, missing, say)
}

function install(needs, missing, say) {
  const command = installCommand(missing, true)
  say('Installing system packages: ' + command)
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq']
  const names = missing.map(function (entry) {
    return entry.package
  })
  const steps = [['update'].concat(wait), ['install', '-y', '--no-install-recommends'].concat(wait, names)]
  for (const step of steps) {
    const done = childProcess.spawnSync('apt-get', step, {
      // apt's own words go to stderr: stdout belongs to the script that comes after.
      stdio: ['ignore', 2, 2],
      env: Object.assign({}, process.env, { DEBIAN_FRONTEND: 'noninteractive' }),
    })
    if (done.status !== 0) {
      return '"apt-get ' + step[0] + '" failed; its message is above. Run by hand: ' + command
    }
  }
  const still = findMissing(needs, process.env.PATH)
  if (still.length === 0) return null
  return 'apt-get installed, and still not found: ' + installCommand(still, true)
}

function isMet(entry, pathVariable) {
  const byCommand = (entry.commands || []).some(function (name) {
    return findCommand(name, pathVariable) !== null
  })
  return byCommand || (entry.files || []).some(fs.existsSync)
}

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES') return false
    throw error
  }
}

module.exports = {
  NEEDS: NEEDS,
  decide: decide,
  ensureSystemPackages: ensureSystemPackages,
  findCommand: findCommand,
  findMissing: findMissing,
  installCommand: installCommand,
}
