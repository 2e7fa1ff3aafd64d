/**
 * Levels of tables that the JSON and MessagePack libraries go down: what their recursion has stack for even when the Lua code
 * that calls them is itself at its limit of 200 nested C calls. It is also the default limit of cjson's settings, which
 * allow no more here; Redis' own end, at Lua's stack limit, is between 2,000 and 8,000 levels.
 */
export const NESTING_LIMIT = 1000;
