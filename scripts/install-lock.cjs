/**
 * One installation at a time: a folder that only one process can make.
 *
 * The holder touches it while it works. A lock is stale when its holder is gone, or has not touched it for a minute;
 * breaking it is itself guarded, so that two who wait cannot break each other's fresh lock.
 */
'use strict'

const fs = require('fs')
const os = require('os')
const path = require('path')

const TOUCH_MS = 5000
const STALE_MS = 60000
const LOOK_MS = 200
const BREAKER_STALE_MS = 10000

/** Runs a task while holding the lock, waiting for it as long as another holder is alive. */
async function withLock(folder, say, task) {
  await acquire(folder, say)
  const touch = setInterval(function () {
    touchNow(folder)
  }, TOUCH_MS)
  try {
    return await task()
  } finally {
    clearInterval(touch)
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function acquire(folder, say) {
  let hasSaid = false
  for (;;) {
    if (take(folder)) return
    if (isStale(folder, Date.now())) {
      breakLock(folder)
      continue
    }
    if (!hasSaid) say('Another start is installing the dependencies; waiting for it.')
    hasSaid = true
    await new Promise(function (resolve) {
      setTimeout(resolve, LOOK_MS)
    })
  }
}

function take(folder) {
  try {
    fs.mkdirSync(folder)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  fs.writeFileSync(path.join(folder, 'owner'), process.pid + ' ' + os.hostname() + '\n')
  return true
}

/** Reports whether the holder is gone: dead on this host, or silent for a minute wherever it is. */
function isStale(folder, now) {
  const ageMs = ageOf(folder, now)
  if (ageMs === null) return false
  if (ageMs > STALE_MS) return true
  const owner = readOwner(folder)
  if (owner === null || owner.host !== os.hostname()) return false
  return !isAlive(owner.pid)
}

function breakLock(folder) {
  const breaker = folder + '.breaking'
  try {
    fs.mkdirSync(breaker)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const ageMs = ageOf(breaker, Date.now())
    if (ageMs !== null && ageMs > BREAKER_STALE_MS) fs.rmSync(breaker, { recursive: true, force: true })
    return
  }
  try {
    // Judged again under the guard: the lock that was stale may have been broken and taken anew.
    if (isStale(folder, Date.now())) fs.rmSync(folder, { recursive: true, force: true })
  } finally {
    fs.rmSync(breaker, { recursive: true, force: true })
  }
}

function touchNow(folder) {
  const now = new Date()
  try {
    fs.utimesSync(folder, now, now)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function ageOf(folder, now) {
  try {
    return now - fs.statSync(folder).mtimeMs
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function readOwner(folder) {
  try {
    const match = /^(\d+) (.*)\n$/.exec(fs.readFileSync(path.join(folder, 'owner'), 'utf8'))
    return match === null ? null : { pid: Number(match[1]), host: match[2] }
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

module.exports = { isStale: isStale, withLock: withLock }
