/** The log of this process, as the configuration wants it. */
import type { ServerConfig } from "@keydb-ts/config";
import { type LogThreshold, ServerLog } from "@keydb-ts/proc-shard";
import { openSyslog, writeSyslog } from "@keydb-ts/shared-mem";

/** `file` is absolute, or "" for standard output. Follows CONFIG SET loglevel. */
export function openLog(config: ServerConfig, file: string): ServerLog {
  const isToSyslog = config.boolean("syslog-enabled");
  if (isToSyslog) openSyslog(config.string("syslog-ident"), config.string("syslog-facility"));
  const threshold = (): LogThreshold => config.string("loglevel") as LogThreshold;
  const log = new ServerLog({ file, threshold: threshold(), syslog: isToSyslog ? writeSyslog : null });
  config.onChange("loglevel", () => {
    log.threshold = threshold();
  });
  return log;
}
