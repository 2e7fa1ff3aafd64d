import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerLog } from "@keydb-ts/proc-shard";
import t from "tap";

function read(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").filter(Boolean);
}

t.test("lines in Redis' format, by level, to the system log too", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "server-log-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "log");
  const sent: [number, string][] = [];
  const log = new ServerLog({ file, threshold: "verbose", syslog: (severity, text) => sent.push([severity, text]) });
  log.write("debug", "unseen");
  log.write("verbose", "one");
  log.write("notice", "two");
  log.role = "S";
  log.write("warning", "three");
  const lines = read(file);
  const form = (role: string, mark: string, text: string): RegExp =>
    new RegExp(
      `^${process.pid}:${role} \\d\\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${mark} ${text}$`,
    );
  t.match(lines[0], form("M", "-", "one"));
  t.match(lines[1], form("M", "\\*", "two"));
  t.match(lines[2], form("S", "#", "three"));
  t.equal(lines.length, 3);
  t.same(sent, [
    [6, "one"],
    [5, "two"],
    [4, "three"],
  ]);
  log.threshold = "nothing";
  log.write("warning", "unseen");
  t.equal(read(file).length, 3);
});

t.test("reopen follows a rotated file", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "server-log-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "log");
  const log = new ServerLog({ file, threshold: "notice", syslog: null });
  log.write("notice", "before");
  renameSync(file, `${file}.1`);
  log.write("notice", "still there");
  log.reopen();
  log.write("notice", "after");
  t.equal(read(`${file}.1`).length, 2);
  t.equal(read(file).length, 1);
});
