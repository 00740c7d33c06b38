/**
 * Installs the dependencies when the lock file or the platform is another than last time, and not otherwise.
 *
 * A stamp inside node_modules says what was installed: `npm ci` empties the folder first, so an installation that was
 * cut short has no stamp. Same rules as `bootstrap.cjs`: old syntax, built-ins alone.
 */
'use strict'

const childProcess = require('child_process')
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')
const withLock = require('./install-lock.cjs').withLock

const STAMP = '.shoukou-stamp'
const RUNTIME_MAJOR = 24
const PROGRESS_MS = 10000
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What npm's own codes mean, in words for a person. */
const NPM_CAUSES = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|network/,
    'the package registry cannot be reached',
  ],
  [/E401|E403/, 'the package registry refuses access'],
  [/E404|ETARGET/, 'the package registry does not have a package that the lock file names'],
  [/EACCES|EPERM|EROFS/, 'the project folder may not be written'],
  [/ENOSPC/, 'the disk is full'],
  [/EINTEGRITY/, 'a package is not the one that the lock file names'],
  [
    /can only install packages when your package.json and package-lock.json/,
    'package.json and package-lock.json differ',
  ],
]

/** Returns what the stamp must say for this lock file on this platform. */
function stampFor(lockFile, platform, arch) {
  const hash = crypto.createHash('sha256').update(lockFile).digest('hex')
  return platform + '-' + arch + ' ' + hash + '\n'
}

/**
 * Makes sure that dependencies and the runtime are in place.
 *
 * Returns a promise of null, or of the one sentence that says what is wrong.
 */
async function ensureModules(options) {
  const root = options.root
  const wanted = wantedStamp(root)
  if (readStamp(root) === wanted) return runtimeProblem(root, process.versions.node)
  const lockFolder = path.join(root, '.cache', 'bootstrap.lock')
  try {
    fs.mkdirSync(path.dirname(lockFolder), { recursive: true })
  } catch (error) {
    return 'Cannot install dependencies: ' + root + ' may not be written (' + error.code + ').'
  }
  return withLock(lockFolder, options.say, async function () {
    // Another run may have done it while this one waited.
    if (readStamp(root) === wanted) return runtimeProblem(root, process.versions.node)
    const problem = await install(root, options.say, options.echo || writeToStderr)
    if (problem !== null) return problem
    const broken = runtimeProblem(root, process.versions.node) || runtimeVersionProblem(root)
    if (broken !== null) return broken
    writeStamp(root, wanted)
    return null
  })
}

function wantedStamp(root) {
  return stampFor(fs.readFileSync(path.join(root, 'package-lock.json')), process.platform, process.arch)
}

function readStamp(root) {
  try {
    return fs.readFileSync(path.join(root, 'node_modules', STAMP), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  }
}

function writeStamp(root, stamp) {
  const file = path.join(root, 'node_modules', STAMP)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file + '.tmp', stamp)
  fs.renameSync(file + '.tmp', file)
}

function writeToStderr(bytes) {
  process.stderr.write(bytes)
}

function install(root, say, echo) {
  say('Installing dependencies (npm ci); the first time takes about a minute.')
  const startedAt = Date.now()
  const seconds = function () {
    return Math.round((Date.now() - startedAt) / 1000)
  }
  return new Promise(function (resolve) {
    const npm = npmCommand()
    const child = childProcess.spawn(npm.command, npm.args.concat(npmArguments()), {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let tail = ''
    child.stderr.on('data', function (bytes) {
      echo(bytes)
      tail = (tail + bytes).slice(-8192)
    })
    const progress = setInterval(function () {
      say('Still installing, ' + seconds() + ' s.')
    }, PROGRESS_MS)
    // An npm that outlived this process would work on without the lock.
    const stop = function (signal) {
      child.kill(signal)
    }
    STOP_SIGNALS.forEach(function (signal) {
      process.on(signal, stop)
    })
    const end = function () {
      clearInterval(progress)
      STOP_SIGNALS.forEach(function (signal) {
        process.removeListener(signal, stop)
      })
    }
    child.on('error', function (error) {
      end()
      resolve('npm could not be started (' + error.code + '); it comes with Node.js.')
    })
    child.on('close', function (code, signal) {
      end()
      if (code === 0) {
        say('Dependencies are in place (' + seconds() + ' s).')
        resolve(null)
      } else {
        resolve(npmProblem(signal || 'exit code ' + code, tail))
      }
    })
  })
}

/** Words a failed `npm ci`. */
function npmProblem(how, tail) {
  if (how.startsWith('SIG')) return '"npm ci" was stopped (' + how + '); start again to finish.'
  const cause = NPM_CAUSES.find(function (one) {
    return one[0].test(tail)
  })
  return '"npm ci" failed (' + how + ')' + (cause ? ': ' + cause[1] : '; its message is above') + '.'
}

function npmArguments() {
  // Named, because NODE_ENV=production would leave out what builds the page and runs the tests.
  return [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
}

/** Under `npm run`, the npm that runs; else the one on the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath
  if (script && /npm-cli\.c?js$/.test(script) && fs.existsSync(script)) {
    return { command: process.execPath, args: [script] }
  }
  return { command: 'npm', args: [] }
}

/** Returns why the project's own Node cannot be used, or null. Cheap: asked at every start. */
function runtimeProblem(root, running) {
  if (Number(running.split('.')[0]) >= RUNTIME_MAJOR) return null
  try {
    fs.accessSync(runtimeOf(root), fs.constants.X_OK)
    return null
  } catch (error) {
    return (
      'Node.js ' +
      RUNTIME_MAJOR +
      ' did not come with the dependencies for ' +
      process.platform +
      '-' +
      process.arch +
      ' (' +
      error.code +
      '): run this with Node.js ' +
      RUNTIME_MAJOR +
      ' or newer, or remove node_modules and start again.'
    )
  }
}

/** Asked once, after installing: a binary for another C library is there and does not run. */
function runtimeVersionProblem(root) {
  const runtime = runtimeOf(root)
  if (!fs.existsSync(runtime)) return null
  const answer = childProcess.spawnSync(runtime, ['--version'], { encoding: 'utf8' })
  if (String(answer.stdout).indexOf('v' + RUNTIME_MAJOR + '.') === 0) return null
  return (
    'The Node.js that came with the dependencies does not run on this system: use Node.js ' +
    RUNTIME_MAJOR +
    ' of its own.'
  )
}

function runtimeOf(root) {
  return path.join(root, 'node_modules', '.bin', 'node')
}

module.exports = {
  ensureModules: ensureModules,
  npmProblem: npmProblem,
  readStamp: readStamp,
  runtimeProblem: runtimeProblem,
  stampFor: stampFor,
}
