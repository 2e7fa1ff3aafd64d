/** What commands may know of a key's record: its types, encodings and expiry, but not how they are laid out. */
export { ENCODING_ID, encodingName, TYPE_ID, typeName } from "../codec/format.ts";
export { type Entry, exactExpiry, NO_EXPIRY } from "../codec/record.ts";
