/** The wire protocol's version: both ends name it in every frame, and refuse what they don't know. */
export const PROTOCOL_VERSION = 1

/** Versions that this build can speak, lowest first. */
export const SUPPORTED_PROTOCOL_VERSIONS: readonly number[] = [1]

/** The product's version, shown to people and written into each record. */
export const PRODUCT_VERSION = '0.1.0'
