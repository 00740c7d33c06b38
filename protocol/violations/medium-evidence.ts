/**
 * What an examination or an act adds to a piece of evidence. All of it may be absent: evidence stored before media
 * control has none of it, and stays valid.
 */
import { Type } from 'typebox'
import { MediumRightSchema, PassportSchema } from '../media/shapes.ts'
import { closed, count, list, nullable, usbId, word } from './violation.ts'

const outcome = Type.Union([Type.Literal('detected'), Type.Literal('blocked'), Type.Literal('allowed')])

/** How the medium was looked at; `never`: it was to be, and was not before the computer went on or it was gone. */
const method = Type.Union([
  Type.Literal('airlock'),
  Type.Literal('guarded'),
  Type.Literal('open'),
  Type.Literal('none'),
  Type.Literal('never'),
])

/**
 * `none`: the record proves that nobody but the agent could open it. `not-verified`: it does not prove it, which is not
 * to say that anything was read.
 */
const exposure = Type.Union([Type.Literal('none'), Type.Literal('not-verified')])

const examined = {
  passport: Type.Optional(nullable(PassportSchema)),
  method: Type.Optional(method),
  exposure: Type.Optional(exposure),
  right: Type.Optional(MediumRightSchema),
  /** State of the seal on the medium, and why it was refused. */
  seal: Type.Optional(nullable(closed({ state: word, reason: nullable(word) }))),
  faults: Type.Optional(list(word, 32)),
}

/** For an unregistered medium, whose outcome stood in its evidence before; and for the others, where it is new. */
export const seenMedium = {
  examined,
  told: { ...examined, outcome: Type.Optional(outcome), wouldBlock: Type.Optional(Type.Boolean()) },
} as const

/** What was done about a device that is no medium, and everything that it could have been. */
export const actedOn = {
  outcome: Type.Optional(outcome),
  wouldBlock: Type.Optional(Type.Boolean()),
  functions: Type.Optional(list(word, 64)),
}

/** What left the same port just before: a device that comes back as another one is one story. */
export const portStory = {
  before: Type.Optional(
    nullable(
      closed({
        vendorId: usbId,
        productId: usbId,
        functions: list(word, 64),
        port: word,
        gapMs: count,
      }),
    ),
  ),
}
