/**
 * Errors that reach a client, with Redis 7.2's texts byte for byte. Constants are built once; parametrised ones are
 * made by functions named after the text. Every text lives in this file, so that a test can hold the list.
 */

/** An error reply: `text` is what follows the '-', code word included. Thrown anywhere, caught once, in the pipeline. */
export class CommandError extends Error {
  readonly text: string;
  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/** A request that cannot be parsed: the reply is `-ERR Protocol error: text`, then the connection is closed. */
export class ProtocolError extends Error {}

const traceLimit = Error.stackTraceLimit;
/** Builds an error whose stack nobody will read: the text says it all, and capturing costs microseconds. */
function replyError(text: string): CommandError {
  Error.stackTraceLimit = 0;
  const error = new CommandError(text);
  Error.stackTraceLimit = traceLimit;
  return error;
}

/** Any error text that carries its own code word. */
export function errorReply(text: string): CommandError {
  return replyError(text);
}

export const SYNTAX_ERROR = replyError("ERR syntax error");
export const WRONGTYPE = replyError("WRONGTYPE Operation against a key holding the wrong kind of value");
export const NOT_AN_INTEGER = replyError("ERR value is not an integer or out of range");
export const NOT_A_FLOAT = replyError("ERR value is not a valid float");
export const OUT_OF_RANGE = replyError("ERR value is out of range");
export const INT32_OUT_OF_RANGE = replyError(
  "ERR value is out of range, value must between -2147483648 and 2147483647",
);
export const MUST_BE_POSITIVE = replyError("ERR value is out of range, must be positive");
export const NO_SUCH_KEY = replyError("ERR no such key");
export const SAME_OBJECT = replyError("ERR source and destination objects are the same");
export const INDEX_OUT_OF_RANGE = replyError("ERR index out of range");
export const DB_INDEX_OUT_OF_RANGE = replyError("ERR DB index is out of range");
export const INVALID_DB_INDEX = replyError("ERR invalid DB index");
export const INVALID_FIRST_DB_INDEX = replyError("ERR invalid first DB index");
export const INVALID_SECOND_DB_INDEX = replyError("ERR invalid second DB index");
export const EXPIRE_NX_AND_OTHERS = replyError("ERR NX and XX, GT or LT options at the same time are not compatible");
export const EXPIRE_GT_AND_LT = replyError("ERR GT and LT options at the same time are not compatible");
export const IDLETIME_UNDER_LFU = replyError(
  "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
export const FREQ_WITHOUT_LFU = replyError(
  "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
export const STRING_TOO_LONG = replyError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
export const INCREMENT_OVERFLOW = replyError("ERR increment or decrement would overflow");
export const DECREMENT_OVERFLOW = replyError("ERR decrement would overflow");
export const NAN_OR_INFINITY = replyError("ERR increment would produce NaN or Infinity");
export const OFFSET_OUT_OF_RANGE = replyError("ERR offset is out of range");
export const BIT_OFFSET_NOT_AN_INTEGER = replyError("ERR bit offset is not an integer or out of range");
export const BIT_NOT_AN_INTEGER = replyError("ERR bit is not an integer or out of range");
export const BIT_ARGUMENT_INVALID = replyError("ERR The bit argument must be 1 or 0.");
export const BITOP_NOT_ONE_KEY = replyError("ERR BITOP NOT must be called with a single source key.");
export const BITOP_SHIFT_ONE_KEY = replyError(
  "ERR BITOP SHIFT must be called with a single source key and an integer shift.",
);
export const BITOP_SHIFT_NOT_AN_INTEGER = replyError("ERR BITOP SHIFT's last parameter must be an integer");
export const BITOP_SHIFT_TOO_LARGE = replyError("ERR BITOP SHIFT value is too large.");
export const BITFIELD_TYPE_INVALID = replyError(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
export const BITFIELD_OVERFLOW_INVALID = replyError("ERR Invalid OVERFLOW type specified");
export const BITFIELD_RO_ONLY_GET = replyError("ERR BITFIELD_RO only supports the GET subcommand");
export const LCS_NOT_STRINGS = replyError("ERR The specified keys must contain string values");
export const LCS_LEN_AND_IDX = replyError("ERR If you want both the length and indexes, please just use IDX.");
export const LCS_STRING_TOO_LONG = replyError("ERR String too long for LCS");
export const LCS_TABLE_TOO_LARGE = replyError(
  "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);
export const INVALID_CURSOR = replyError("ERR invalid cursor");
export const NOAUTH = replyError("NOAUTH Authentication required.");
/** What a user is told that lacks a permission; `what` of the request is not allowed. */
export function permissionText(what: "command" | "key" | "channel", user: string, command: string): string {
  if (what === "command") return `User ${user} has no permissions to run the '${command}' command`;
  return `No permissions to access a ${what}`;
}
/** A queued command that its user must not run any more when EXEC comes to it. */
export function permissionLost(what: "command" | "key" | "channel"): CommandError {
  return replyError(
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${LOST[what]}`,
  );
}
const LOST = {
  command: "no permission to execute the command or subcommand",
  key: "no permission to touch the specified keys",
  channel: "no permission to access one of the channels used as arguments",
} as const;
export const SORT_BY_DENIED = replyError("ERR BY option of SORT denied due to insufficient ACL permissions.");
export const SORT_GET_DENIED = replyError("ERR GET option of SORT denied due to insufficient ACL permissions.");
export const NO_AUTH_CONFIGURED = replyError(
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);
export const WRONGPASS = replyError("WRONGPASS invalid username-password pair or user is disabled.");
export const NOPROTO = replyError("NOPROTO unsupported protocol version");
export const PROTOVER_NOT_AN_INTEGER = replyError("ERR Protocol version is not an integer or out of range");
export const HELLO_NOAUTH = replyError(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);
export const CLIENT_NAME_INVALID = replyError(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);
export const INVALID_CLIENT_ID = replyError("ERR Invalid client ID");
export const CLIENT_ID_NOT_POSITIVE = replyError("ERR client-id should be greater than 0");
export const NO_SUCH_CLIENT = replyError("ERR No such client");
export const UNBLOCK_REASON = replyError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
export const ONE_REDIRECT = replyError("ERR A client can only redirect to a single other client");
export const REDIRECT_TO_NOBODY = replyError("ERR The client ID you want redirect to does not exist");
export const PREFIX_NEEDS_BCAST = replyError("ERR PREFIX option requires BCAST mode to be enabled");
export const SWITCH_BCAST = replyError(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
);
export const OPTIN_OPTOUT_WITH_BCAST = replyError("ERR OPTIN and OPTOUT are not compatible with BCAST");
export const OPTIN_AND_OPTOUT = replyError("ERR You can't specify both OPTIN mode and OPTOUT mode");
export const SWITCH_OPTIN_OPTOUT = replyError(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
);
export const CACHING_NEEDS_TRACKING = replyError(
  "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
);
export const CACHING_YES_NEEDS_OPTIN = replyError(
  "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
export const CACHING_NO_NEEDS_OPTOUT = replyError(
  "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);
export const MONITOR_DENIED = replyError("ERR MONITOR isn't allowed for DENY BLOCKING client");
export const PAUSE_MODE_INVALID = replyError("ERR CLIENT PAUSE mode must be WRITE or ALL");
export const EXECABORT = replyError("EXECABORT Transaction discarded because of previous errors.");
export const EXEC_WITHOUT_MULTI = replyError("ERR EXEC without MULTI");
export const DISCARD_WITHOUT_MULTI = replyError("ERR DISCARD without MULTI");
export const NESTED_MULTI = replyError("ERR MULTI calls can not be nested");
export const WATCH_INSIDE_MULTI = replyError("ERR WATCH inside MULTI is not allowed");
export const MONITOR_AND_KEYS = replyError("ERR Replica can't interact with the keyspace");
export const NOT_ALLOWED_IN_TRANSACTION = replyError("ERR Command not allowed inside a transaction");
export const INTERNAL_ERROR = replyError("ERR internal error");
export const COMMIT_FAILED = replyError("ERR the write could not be committed to the store");
export const BUSY_LOCK = replyError(
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
);
export const MAX_CLIENTS = replyError("ERR max number of clients reached");
export const INVALID_TIMEOUT = replyError("ERR timeout is not an integer or out of range");
export const NEGATIVE_TIMEOUT = replyError("ERR timeout is negative");

export const NO_SHUTDOWN_IN_PROGRESS = replyError("ERR No shutdown in progress.");
export const PROTOCOL_TYPE_UNKNOWN = replyError(
  "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
);
export const RESP2_UNSUPPORTED = replyError("ERR RESP2 is not supported by this command");
export const NOT_AN_SDS = replyError("ERR Not an sds encoded string.");
export const DEBUG_DB_OUT_OF_RANGE = replyError("ERR Out of range database");
export const DEBUG_RELOAD_OPTIONS = replyError("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
export const DEBUG_RELOAD_FAILED = replyError("ERR Error trying to load the RDB dump, check server logs.");
export const SLOWLOG_COUNT = replyError("ERR count should be greater than or equal to -1");
export const GETKEYS_INVALID_COMMAND = replyError("ERR Invalid command specified");
export const COMMAND_HAS_NO_KEYS = replyError("ERR The command has no key arguments");
export const GETKEYS_WRONG_ARITY = replyError("ERR Invalid number of arguments specified for command");
export const GETKEYS_INVALID_ARGUMENTS = replyError("ERR Invalid arguments specified for command");

export const BUSYKEY = replyError("BUSYKEY Target key name already exists.");
export const PAYLOAD_WRONG = replyError("ERR DUMP payload version or checksum are wrong");
export const BAD_DATA_FORMAT = replyError("ERR Bad data format");
export const INVALID_TTL = replyError("ERR Invalid TTL value, must be >= 0");
export const INVALID_IDLETIME = replyError("ERR Invalid IDLETIME value, must be >= 0");
export const INVALID_FREQ = replyError("ERR Invalid FREQ value, must be >= 0 and <= 255");

export const NOSCRIPT = replyError("NOSCRIPT No matching script. Please use EVAL.");
export const TOO_MANY_KEYS = replyError("ERR Number of keys can't be greater than number of args");
export const NEGATIVE_KEY_COUNT = replyError("ERR Number of keys can't be negative");
export const BAD_KEY_COUNT = replyError("ERR Bad number of keys provided");
export const SCRIPT_FLUSH_MODE = replyError("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
export const SCRIPT_DEBUG_MODE = replyError("ERR Use SCRIPT DEBUG YES/SYNC/NO");
export const FUNCTION_NOT_FOUND = replyError("ERR Function not found");
export const WRITE_SCRIPT_ON_RO = replyError("ERR Can not execute a script with write flag using *_ro command.");
export const SCRIPT_OUT_OF_MEMORY = replyError(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
);
export const NOTBUSY = replyError("NOTBUSY No scripts in execution right now.");
export const UNKILLABLE = replyError(
  "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
);
export const BUSY_FUNCTION = replyError(
  "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
);
export const FUNCTION_CODE_MISSING = replyError("ERR Function code is missing");
export const RESTORE_POLICY = replyError(
  "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
);
export const FUNCTION_FLUSH_MODE = replyError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
export const LIBRARY_NOT_FOUND = replyError("ERR Library not found");
export const LIBRARY_PATTERN_MISSING = replyError("ERR library name argument was not given");

export const HASH_NOT_AN_INTEGER = replyError("ERR hash value is not an integer");
export const HASH_NOT_A_FLOAT = replyError("ERR hash value is not a float");
export const VALUE_NAN_OR_INFINITY = replyError("ERR value is NaN or Infinity");
export const FIELDS_MISSING = replyError("ERR Mandatory argument FIELDS is missing or not at the right position");
export const FIELD_COUNT_NOT_POSITIVE = replyError("ERR Number of fields must be a positive integer");
export const NUMFIELDS_NOT_POSITIVE = replyError("ERR Parameter `numFields` should be greater than 0");
export const NUMFIELDS_MISMATCH = replyError("ERR The `numfields` parameter must match the number of arguments");
export const INVALID_FIELD_COUNT = replyError("ERR invalid number of fields");
export const NEGATIVE_EXPIRE_TIME = replyError("ERR invalid expire time, must be >= 0");
export const MISSING_EXPIRE_TIME = replyError("ERR missing expire time");
export const HSETEX_ONE_CONDITION = replyError("ERR Only one of FXX or FNX arguments can be specified");
export const HSETEX_ONE_EXPIRATION = replyError(
  "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
);
export const NO_HASH_KEY = replyError("ERR hash key doesn't exist");
export const NUMKEYS_NOT_POSITIVE = replyError("ERR numkeys should be greater than 0");
export const NUMKEYS_TOO_LARGE = replyError("ERR Number of keys can't be greater than number of args");
export const NEGATIVE_LIMIT = replyError("ERR LIMIT can't be negative");
export const COUNT_OUT_OF_RANGE = replyError(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
export const CRON_TIME_MISSING = replyError("ERR missing expire time");
export const CRON_INTERVAL_NOT_POSITIVE = replyError("ERR interval must be positive");
export const CRON_TOO_MANY_KEYS = replyError("ERR Missing arguments or numkeys is too big");
export const UNKNOWN_OBJECT_TYPE = replyError("ERR unknown type object");
export const UNSUPPORTED_MEMBER_TYPE = replyError("ERR object type is unsupported");
export const INVALID_UNIT = replyError("ERR Invalid unit arg");
export const INVALID_NUMBER_OF_ARGUMENTS = replyError("ERR Invalid number of arguments");
export const XX_NX_CONFLICT = replyError("ERR XX and NX options at the same time are not compatible");
export const GT_LT_NX_CONFLICT = replyError("ERR GT, LT, and/or NX options at the same time are not compatible");
export const INCR_NEEDS_ONE_PAIR = replyError("ERR INCR option supports a single increment-element pair");
export const RESULT_NOT_A_NUMBER = replyError("ERR resulting score is not a number (NaN)");
export const NOT_A_SCORE_RANGE = replyError("ERR min or max is not a float");
export const NOT_A_STRING_RANGE = replyError("ERR min or max not valid string range item");
export const WEIGHT_NOT_A_FLOAT = replyError("ERR weight value is not a float");
export const SCORES_NOT_DOUBLES = replyError("ERR One or more scores can't be converted into double");
export const OUT_OF_MEMORY = replyError("OOM command not allowed when used memory > 'maxmemory'.");
export const RANK_ZERO = replyError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
export const COUNT_NEGATIVE = replyError("ERR COUNT can't be negative");
export const MAXLEN_NEGATIVE = replyError("ERR MAXLEN can't be negative");
export const COUNT_NOT_POSITIVE = replyError("ERR count should be greater than 0");
export const LIMIT_NEEDS_BY = replyError(
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
export const WITHSCORES_WITH_BYLEX = replyError("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

export const NOT_AN_HLL = replyError("WRONGTYPE Key is not a valid HyperLogLog string value.");
export const CORRUPT_HLL = replyError("INVALIDOBJ Corrupted HLL object detected");
export const HLL_NOT_SPARSE = replyError("ERR HLL encoding is not sparse");
export const PFDEBUG_NO_KEY = replyError("ERR The specified key does not exist");

export const INVALID_STREAM_ID = replyError("ERR Invalid stream ID specified as stream command argument");
export const INVALID_INTERVAL_START = replyError("ERR invalid start ID for the interval");
export const INVALID_INTERVAL_END = replyError("ERR invalid end ID for the interval");
export const MAXLEN_AND_MINID = replyError(
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
export const TRIM_MAXLEN_NEGATIVE = replyError("ERR The MAXLEN argument must be >= 0.");
export const TRIM_LIMIT_NEGATIVE = replyError("ERR The LIMIT argument must be >= 0.");
export const LIMIT_WITHOUT_STRATEGY = replyError(
  "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
export const TRIM_WITHOUT_STRATEGY = replyError("ERR syntax error, XTRIM must be called with a trimming strategy");
export const LIMIT_WITHOUT_APPROXIMATION = replyError(
  "ERR syntax error, LIMIT cannot be used without the special ~ option",
);
export const XADD_ZERO_ID = replyError("ERR The ID specified in XADD must be greater than 0-0");
export const STREAM_EXHAUSTED = replyError(
  "ERR The stream has exhausted the last possible ID, unable to add more items",
);
export const XADD_ID_TOO_SMALL = replyError(
  "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
export const STREAM_ENTRY_TOO_LARGE = replyError("ERR Elements are too large to be stored");
export const TIMEOUT_OUT_OF_RANGE = replyError("ERR timeout is out of range");
export const GROUP_ONLY_XREADGROUP = replyError(
  "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);
export const NOACK_ONLY_XREADGROUP = replyError(
  "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
export const XREADGROUP_WITHOUT_GROUP = replyError("ERR Missing GROUP option for XREADGROUP");
export const LAST_ID_IN_XREADGROUP = replyError(
  "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
);
export const NEW_ID_IN_XREAD = replyError(
  "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);
export const ENTRIESREAD_NEGATIVE = replyError("ERR value for ENTRIESREAD must be positive or -1");
export const XGROUP_KEY_MISSING = replyError(
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);
export const BUSYGROUP = replyError("BUSYGROUP Consumer Group name already exists");
export const ENTRIESADDED_NEGATIVE = replyError("ERR entries_added must be positive");
export const XSETID_BELOW_GIVEN_MAX_DELETED = replyError(
  "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);
export const XSETID_BELOW_MAX_DELETED = replyError(
  "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
export const XSETID_BELOW_TOP = replyError("ERR The ID specified in XSETID is smaller than the target stream top item");
export const XSETID_ADDED_BELOW_LENGTH = replyError(
  "ERR The entries_added specified in XSETID is smaller than the target stream length",
);
export const XCLAIM_MIN_IDLE = replyError("ERR Invalid min-idle-time argument for XCLAIM");
export const XCLAIM_IDLE = replyError("ERR Invalid IDLE option argument for XCLAIM");
export const XCLAIM_TIME = replyError("ERR Invalid TIME option argument for XCLAIM");
export const XCLAIM_RETRYCOUNT = replyError("ERR Invalid RETRYCOUNT option argument for XCLAIM");
export const XAUTOCLAIM_MIN_IDLE = replyError("ERR Invalid min-idle-time argument for XAUTOCLAIM");
export const XAUTOCLAIM_COUNT = replyError("ERR COUNT must be > 0");

export function unknownPfdebug(word: string): CommandError {
  return replyError(`ERR Unknown PFDEBUG subcommand '${word}'`);
}

/** `name` as the script wrote it. */
export function blockInScript(name: string): CommandError {
  return replyError(`ERR ${name} command is not allowed with BLOCK option from scripts`);
}

export function unbalancedStreams(name: string, symbol: string): CommandError {
  return replyError(
    `ERR Unbalanced '${name}' list of streams: for each stream key an ID or '${symbol}' must be specified.`,
  );
}

/** `where` is what the command adds, with a blank in front. */
export function noKeyOrGroup(key: string, group: string, where = ""): CommandError {
  return replyError(`NOGROUP No such key '${key}' or consumer group '${group}'${where}`);
}

export function noConsumerGroup(group: string, key: string): CommandError {
  return replyError(`NOGROUP No such consumer group '${group}' for key name '${key}'`);
}

export function unknownXclaimOption(word: string): CommandError {
  return replyError(`ERR Unrecognized XCLAIM option '${word}'`);
}

/** `name` as COMMAND shows it. */
export function inputKeyNeeded(name: string): CommandError {
  return replyError(`ERR at least 1 input key is needed for '${name}' command`);
}
export const UNSUPPORTED_UNIT = replyError("ERR unsupported unit provided. please use M, KM, FT, MI");
export const RADIUS_NOT_NUMERIC = replyError("ERR need numeric radius");
export const RADIUS_NEGATIVE = replyError("ERR radius cannot be negative");
export const WIDTH_NOT_NUMERIC = replyError("ERR need numeric width");
export const HEIGHT_NOT_NUMERIC = replyError("ERR need numeric height");
export const BOX_NEGATIVE = replyError("ERR height or width cannot be negative");
export const MEMBER_NOT_DECODED = replyError("ERR could not decode requested zset member");
export const COUNT_NOT_ABOVE_ZERO = replyError("ERR COUNT must be > 0");
export const ANY_NEEDS_COUNT = replyError("ERR the ANY argument requires COUNT argument");

/** Coordinates off the map, as C's %f prints them. */
export function invalidPlace(longitude: string, latitude: string): CommandError {
  return replyError(`ERR invalid longitude,latitude pair ${longitude},${latitude}`);
}

/** `what` is what stores. */
export function storeExcludesWith(what: string): CommandError {
  return replyError(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}

/** `name` as the client wrote it. */
export function oneOriginNeeded(name: string): CommandError {
  return replyError(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
}

/** `name` as the client wrote it. */
export function oneShapeNeeded(name: string): CommandError {
  return replyError(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
}

export function unknownCommand(name: string, argsText: string): CommandError {
  return replyError(`ERR unknown command '${name}', with args beginning with: ${argsText}`);
}

/** LATENCY GRAPH of an event that never happened. */
export function noLatencySamples(event: string): CommandError {
  return replyError(`ERR No samples available for event '${event}'`);
}

export function unknownSubcommand(sub: string, container: string): CommandError {
  return replyError(`ERR unknown subcommand '${sub}'. Try ${container.toUpperCase()} HELP.`);
}

/** A subcommand that checks its own argument count. */
export function subcommandSyntax(container: string, sub: string): CommandError {
  return replyError(
    `ERR unknown subcommand or wrong number of arguments for '${sub.slice(0, 128)}'. Try ${container} HELP.`,
  );
}

/** `name` as COMMAND shows it: `get`, `config|set`. */
export function wrongArity(name: string): CommandError {
  return replyError(`ERR wrong number of arguments for '${name}' command`);
}

/** `other`: "an existing prefix" or "another provided prefix". */
export function prefixOverlaps(prefix: string, other: string, name: string): CommandError {
  return replyError(
    `ERR Prefix '${prefix}' overlaps with ${other} '${name}'. Prefixes for a single client must not overlap.`,
  );
}

/** A RESP2 client that has subscriptions may not run the command. */
export function notInSubscriberMode(name: string): CommandError {
  return replyError(
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

export function invalidExpireTime(name: string): CommandError {
  return replyError(`ERR invalid expire time in '${name}' command`);
}

/** An unknown word among the options of the EXPIRE family. */
export function unsupportedOption(word: string): CommandError {
  return replyError(`ERR Unsupported option ${word}`);
}

export function unknownArgument(word: string): CommandError {
  return replyError(`ERR unknown argument: ${word}`);
}
