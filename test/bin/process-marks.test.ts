/** What the system sees of the server's processes: titles and OOM scores. */
import { readFileSync } from "node:fs";
import t from "tap";
import { expandTitle } from "../../bin/src/proc-title.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

function titleOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").replace(/\0+$/, "");
}

function scoreOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/oom_score_adj`, "latin1"));
}

/** The supervisor's value, then each worker's. */
function scores(server: ServerProcess): number[] {
  return [server.pid, ...server.workerPids()].map(scoreOf);
}

t.test("templates of titles", async (t) => {
  const values = new Map([
    ["title", "t"],
    ["port", "7000"],
    ["server-mode", ""],
  ]);
  t.equal(expandTitle("{title} on {port}{server-mode} {{port}", values), "t on 7000 {port}");
});

t.test("every process shows its title", async (t) => {
  const server = await startServer({ t, config: { "proc-title-template": "T {title} {listen-addr} {port}" } });
  const shown = `127.0.0.1:${server.port} ${server.port}`;
  t.equal(titleOf(server.pid), `T keydb-ts ${shown}`);
  t.same(server.workerPids().map(titleOf).sort(), [`T keydb-ts-worker-0 ${shown}`, `T keydb-ts-worker-1 ${shown}`]);
  const client = await server.connect();
  await client.ok("CONFIG", "SET", "proc-title-template", "{title} {config-file}");
  t.equal(titleOf(server.pid), "keydb-ts -");
  t.match(String(await client.call("CONFIG", "SET", "proc-title-template", "{nothing}")), /template format is invalid/);
});

t.test("set-proc-title no", async (t) => {
  const server = await startServer({ t, config: { "set-proc-title": "no" } });
  t.match(titleOf(server.pid), /\0--set-proc-title\0no$/);
});

t.test("OOM scores of all processes, while the server runs and for workers to come", async (t) => {
  const base = scoreOf(process.pid);
  const server = await startServer({ t, config: { "oom-score-adj": "relative" } });
  const client = await server.connect();
  await client.ok("CONFIG", "SET", "oom-score-adj-values", "10 20 30");
  t.same(scores(server), Array(3).fill(Math.min(1000, base + 10)));
  await client.ok("CONFIG", "SET", "oom-score-adj", "absolute", "oom-score-adj-values", "600 700 800");
  t.same(scores(server), Array(3).fill(600));
  const old = server.workerPids();
  process.kill(server.pid, "SIGUSR2");
  client.destroy();
  await waitUntil("new workers", () => !server.workerPids().some((pid) => old.includes(pid)));
  t.same(scores(server), Array(3).fill(600));
  const again = await server.connect();
  await again.ok("CONFIG", "SET", "oom-score-adj", "no");
  t.same(scores(server), Array(3).fill(base), "what it was before");
});

t.test("an OOM score that the kernel refuses undoes the change", async (t) => {
  const server = await startServer({ t });
  const client = await server.connect();
  const before = scores(server);
  const change = ["oom-score-adj", "absolute", "oom-score-adj-values", "-1 0 0"];
  const reply = String(await client.call("CONFIG", "SET", ...change));
  // Who may lower a score is allowed it.
  if (reply === "OK") t.same(scores(server), [-1, -1, -1]);
  else {
    t.match(reply, /Failed to set current oom_score_adj/);
    t.same(scores(server), before);
    t.same(await client.ok("CONFIG", "GET", "oom-score-adj"), ["oom-score-adj", "no"]);
  }
});
