/** Which medium goes wrong at which computer, by their levels. Pure. */

const ranks = ['unclassified', 'internal', 'confidential', 'secret', 'top-secret']

export function isClassified(level: string): boolean {
  return ranks.indexOf(level) >= ranks.indexOf('confidential')
}

/** Reports whether a medium of a level, at a computer of a level, is what a rule is about. */
export function fitsRule(rule: string, medium: string, host: string): boolean {
  const higher = ranks.indexOf(medium) - ranks.indexOf(host)
  if (rule === 'high-media-on-low-host') return higher > 0
  return rule === 'media-not-assigned' ? higher === 0 : true
}

export function isBelow(level: string, other: string): boolean {
  return ranks.indexOf(level) < ranks.indexOf(other)
}
