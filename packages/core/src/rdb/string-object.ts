/** Strings: the string. */
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { NO_EXPIRY, readString, setString } from "../types/string.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { RdbObject } from "./rdb-object.ts";
import type { RdbReader } from "./rdb-reader.ts";
import type { RdbWriter } from "./rdb-writer.ts";

export function writeStringObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): void {
  to.byte(RDB_TYPE.string);
  to.string(readString(keyspace, entry));
}

export function readStringObject(from: RdbReader): RdbObject {
  const value = from.string();
  return {
    store: ({ keyspace, db, buffer, start, end }) =>
      setString(keyspace, db, buffer, start, end, null, value, 0, value.length, NO_EXPIRY),
  };
}
