/** The small file by which a run of the agent knows what earlier ones have reported of the packet net. */
import { Type } from 'typebox'
import { stateFile } from '../../base/state-file.ts'

export const packetState = stateFile(
  Type.Object(
    {
      /** The installation that it is about: of another one it says nothing. */
      id: Type.String({ maxLength: 64 }),
      /** The start of the kernel that it was in: tables do not outlive it. */
      bootId: Type.String({ maxLength: 64 }),
      /** Of what stood in the tables; null: they were taken away by ourselves. */
      digest: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
      reported: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    },
    { additionalProperties: false },
  ),
)
