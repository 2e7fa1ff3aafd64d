/**
 * The supervisor's part when a client moves from one worker to another: passes the socket on. It goes this way because
 * Node passes handles only along its channels, and because the supervisor can still give the client to somebody else
 * when the wanted worker dies before it has got it.
 */
import type { ToSupervisor } from "../ipc/messages.ts";
import type { RawHandle } from "../transport/raw-handle.ts";
import type { WorkerRecord } from "./worker-record.ts";

type HandOver = Extract<ToSupervisor, { kind: "hand-over" }>;

/**
 * Gives the client to the worker it is meant for, else to the next that takes it. A worker that got it has it: whatever
 * becomes of that worker, nobody else could know how much of the client's input it has answered.
 */
export function passClient(workers: readonly WorkerRecord[], message: HandOver, handle: RawHandle): void {
  const { client, slot } = message;
  const target = workers.find((record) => record.slot === slot) ?? workers[0];
  if (target === undefined) {
    handle.close();
    return;
  }
  target.sendHandle({ kind: "adopt", client }, handle, (ok) => {
    if (ok) handle.close();
    else {
      const others = workers.filter((record) => record !== target && record.state === "serving");
      passClient(others, message, handle);
    }
  });
}
