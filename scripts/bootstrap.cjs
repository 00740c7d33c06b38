/**
 * The first thing that every npm script of this project runs: Node new enough, dependencies in place, system packages
 * there. `node scripts/bootstrap.cjs [need …]`, needs as in `system-packages.cjs`.
 *
 * Prints nothing and takes a moment where nothing is to be done. Must be readable by a Node far too old, so that the
 * reader is told so in a sentence rather than by a syntax error: no syntax newer than Node 8, built-ins alone.
 */
'use strict'

const path = require('path')

const NODE_MINIMUM = [20, 11]
const root = path.join(__dirname, '..')

/** Returns the sentence that refuses a version of Node, or null where it is new enough. */
function nodeRefusal(version, executable) {
  const parts = version.split('.').map(Number)
  const isNewEnough =
    parts[0] > NODE_MINIMUM[0] || (parts[0] === NODE_MINIMUM[0] && parts[1] >= NODE_MINIMUM[1])
  if (isNewEnough) return null
  return (
    'Shoukou needs Node.js ' +
    NODE_MINIMUM.join('.') +
    ' or newer to begin; found is ' +
    version +
    ' (' +
    executable +
    ').'
  )
}

function say(text) {
  process.stderr.write('[bootstrap] ' + text + '\n')
}

function fail(sentence) {
  say(sentence)
  process.exit(1)
}

function main(needs) {
  const refusal = nodeRefusal(process.versions.node, process.execPath)
  if (refusal !== null) return fail(refusal)
  const modules = require('./install-modules.cjs')
  modules
    .ensureModules({ root: root, say: say })
    .then(function (problem) {
      const sentence = problem || require('./system-packages.cjs').ensureSystemPackages(needs, say)
      if (sentence) fail(sentence)
    })
    .catch(function (error) {
      fail('Could not prepare the project: ' + (error && error.message ? error.message : String(error)))
    })
}

module.exports = { nodeRefusal: nodeRefusal }

if (require.main === module) main(process.argv.slice(2))
