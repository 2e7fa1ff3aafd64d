/** CLIENT: the container of its subcommands, and CLIENT HELP. */
import type { CommandSpec } from "../../command/command-spec.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { clientKill, clientUnblock } from "./client-kill.ts";
import { clientGetRedir, clientId, clientInfo, clientList } from "./client-list.ts";
import { clientNoEvict, clientNoTouch, clientReply } from "./client-modes.ts";
import { clientGetName, clientSetInfo, clientSetName } from "./client-name.ts";
import { clientPause, clientUnpause } from "./client-pause.ts";

const HELP = [
  "GETREDIR",
  "    Tell which client gets this connection's invalidation messages.",
  "GETNAME",
  "    Tell the connection's name.",
  "ID",
  "    Tell the connection's number.",
  "INFO",
  "    Describe the connection.",
  "KILL <ip:port>",
  "    Close the connection made from <ip:port>.",
  "KILL <option> <value> [<option> <value> [...]]",
  "    Close connections. Options:",
  "    * ADDR (<ip:port>|<unixsocket>:0)",
  "      made from this address",
  "    * LADDR (<ip:port>|<unixsocket>:0)",
  "      made to this local address",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      of this type",
  "    * USER <username>",
  "      authenticated as <username>",
  "    * SKIPME (YES|NO)",
  "      leave out this connection (default: yes)",
  "LIST [options ...]",
  "    Describe the connections of all processes. Options:",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      only those of this type",
  "    * ID <id> [<id> ...]",
  "      only those with these numbers",
  "UNPAUSE",
  "    End a pause.",
  "PAUSE <timeout> [WRITE|ALL]",
  "    Hold back all commands, or writes only, for <timeout> milliseconds.",
  "REPLY (ON|OFF|SKIP)",
  "    Control the answers to this connection.",
  "SETNAME <name>",
  "    Name the connection.",
  "SETINFO <option> <value>",
  "    Tell about the client library. Options:",
  "    * LIB-NAME: its name",
  "    * LIB-VER: its version",
  "UNBLOCK <clientid> [TIMEOUT|ERROR]",
  "    End the wait of a blocked client.",
  "NO-EVICT (ON|OFF)",
  "    Keep the connection out of client eviction.",
  "NO-TOUCH (ON|OFF)",
  "    Keep this connection's reads from counting as use of the keys.",
];

const clientHelp: CommandSpec = {
  name: "HELP",
  group: "connection",
  since: "5.0.0",
  summary: "Explains the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  handler: (ctx) => replyHelp(ctx, HELP),
};

export const client: CommandSpec = {
  name: "CLIENT",
  group: "connection",
  since: "2.4.0",
  summary: "Container of the commands about connections.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
  subcommands: [
    clientGetName,
    clientGetRedir,
    clientHelp,
    clientId,
    clientInfo,
    clientKill,
    clientList,
    clientNoEvict,
    clientNoTouch,
    clientPause,
    clientReply,
    clientSetInfo,
    clientSetName,
    clientUnblock,
    clientUnpause,
  ],
};
