/**
 * What the network's own records add to a piece of evidence. All of it may be absent: evidence stored before there was
 * any stays valid.
 */
import { Type } from 'typebox'
import {
  CONDITIONS,
  ConfidenceSchema,
  FlowSchema,
  HardwareSchema,
  PictureSchema,
  ProgramSchema,
  TraceSchema,
} from '../network/shapes.ts'
import { closed, list, nullable, rawText, word } from './violation.ts'

/** The proof: what was so, who did it, what the network was like at that moment, and what was done about it. */
export const networkProof = {
  found: Type.Optional(
    closed({
      condition: nullable(Type.Enum([...CONDITIONS])),
      confidence: nullable(ConfidenceSchema),
      /** The rule that decided, and what came of it. */
      rule: nullable(word),
      outcome: nullable(
        Type.Union([Type.Literal('detected'), Type.Literal('blocked'), Type.Literal('allowed')]),
      ),
      wouldBlock: nullable(Type.Boolean()),
      /** SSID, listening address …, and what policy has in its place. */
      text: nullable(rawText),
      expected: nullable(rawText),
      program: nullable(ProgramSchema),
      flows: list(FlowSchema, 200),
      traces: list(TraceSchema, 200),
      picture: nullable(PictureSchema),
    }),
  ),
}

/** The piece of hardware as the agent told of it: what kind, on which bus, how it is known to be on. */
export const foundHardware = { hardware: Type.Optional(HardwareSchema) }
