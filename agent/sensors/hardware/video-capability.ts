/** What a `struct v4l2_capability` says: whether the node gives pictures that it sees. Pure. */
const capabilitiesOffset = 84
const deviceCapsOffset = 88
const VIDEO_CAPTURE = 0x1
const VIDEO_CAPTURE_MPLANE = 0x1000
const VIDEO_M2M = 0x8000
const VIDEO_M2M_MPLANE = 0x4000
const DEVICE_CAPS = 0x8000_0000

/** Returns false for metadata, output and converting nodes. */
export function capturesVideo(capability: Buffer): boolean {
  const all = capability.readUInt32LE(capabilitiesOffset)
  // The node's own, where it tells them apart from those of the whole device.
  const own = (all & DEVICE_CAPS) === 0 ? all : capability.readUInt32LE(deviceCapsOffset)
  if ((own & (VIDEO_M2M | VIDEO_M2M_MPLANE)) !== 0) return false
  return (own & (VIDEO_CAPTURE | VIDEO_CAPTURE_MPLANE)) !== 0
}
