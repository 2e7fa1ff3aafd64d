import { ServiceNotifier, type Supervision, type SystemCalls } from "@keydb-ts/proc-shard";
import t from "tap";
import { waitUntil } from "../support/wait-until.ts";

interface Setup {
  readonly notifier: ServiceNotifier;
  readonly sent: string[];
  readonly logged: string[];
}

function setUp(supervision: Supervision, environment: NodeJS.ProcessEnv, fails = false): Setup {
  const sent: string[] = [];
  const logged: string[] = [];
  const system = {
    sendUnixDatagram(path: string, text: string): void {
      if (fails) throw new Error("Connection refused");
      sent.push(`${path} ${text}`);
    },
  } as unknown as SystemCalls;
  const notifier = new ServiceNotifier(supervision, environment, system, (_level, text) => logged.push(text));
  return { notifier, sent, logged };
}

t.test("who is told", async (t) => {
  const systemd = { NOTIFY_SOCKET: "@sock" };
  t.equal(setUp("no", { ...systemd }).notifier.mode, "no");
  t.equal(setUp("systemd", { ...systemd }).notifier.mode, "systemd");
  t.equal(setUp("auto", { ...systemd }).notifier.mode, "systemd");
  t.equal(setUp("auto", { UPSTART_JOB: "x" }).notifier.mode, "upstart");
  t.equal(setUp("auto", {}).notifier.mode, "no");
  const missing = setUp("systemd", {});
  t.equal(missing.notifier.mode, "no");
  t.match(missing.logged[0], /NOTIFY_SOCKET/);
});

t.test("what systemd hears", async (t) => {
  const environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: "/run/x", WATCHDOG_USEC: "30000", KEEP: "1" };
  const { notifier, sent } = setUp("systemd", environment);
  t.same(environment, { KEEP: "1" }, "children do not inherit the variables");
  notifier.alive();
  notifier.ready();
  t.match(sent[0], new RegExp(`^/run/x READY=1\\nMAINPID=${process.pid}\\nSTATUS=`));
  await waitUntil("the watchdog to be fed", () => sent.some((text) => text.endsWith("WATCHDOG=1\n")));
  notifier.stopping();
  t.match(sent.at(-1), /STOPPING=1/);
});

t.test("the watchdog starves when the server is not alive", async (t) => {
  const { notifier, sent } = setUp("systemd", { NOTIFY_SOCKET: "/run/x", WATCHDOG_USEC: "3000" });
  notifier.ready();
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.notOk(sent.some((text) => text.includes("WATCHDOG=1")));
  notifier.stopping();
});

t.test("a service manager that does not listen is no reason to stop", async (t) => {
  const { notifier, logged } = setUp("systemd", { NOTIFY_SOCKET: "/run/x" }, true);
  notifier.status("x");
  t.match(logged[0], /sd_notify: Connection refused/);
});
