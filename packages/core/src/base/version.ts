/** Versions this server shows. */

/** The Redis release whose behaviour is the target: `redis_version`, HELLO, COMMAND. */
export const REDIS_VERSION = "7.2.4";
/** Our own. */
export const KEYDB_TS_VERSION = "0.1.0";
