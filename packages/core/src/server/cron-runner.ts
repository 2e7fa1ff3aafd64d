/**
 * Runs the jobs of KEYDB.CRON, in the leader only: each run is one write txn, in which the job is moved on to its next
 * slot (or, when it runs once, deleted), its script is run as EVAL of it, and its outcome is noted. So a run that a
 * killed process did not finish has not happened, and the next leader makes it: every slot has its effects once.
 *
 * A job's script can be killed at any time, since all it did is dropped then: else one that writes and never ends would
 * hold the lock until its process is killed, and be run again by the next one. The slot counts as run, and failed.
 */
import { Client } from "../command/client.ts";
import type { Command } from "../command/define-command.ts";
import { NOTIFY } from "../command/keyspace-events.ts";
import type { Services } from "../command/services.ts";
import { dueJob, type JobKey, listJobs, nextJobMs } from "../keyspace/cron-rows.ts";
import { COUNTER } from "../ports/counters.ts";
import { Args } from "../resp/args.ts";
import { type CronJob, findCron, nextSlot, readCron, slotAfterClockChange, updateCron } from "../types/cron-job.ts";
import type { Pipeline } from "./pipeline.ts";

/** Published after each run; it has no class of its own, as in KeyDB. */
const EVENT = "CRON Executed";
/** The clock was set back if it falls by more than this between two looks. */
const CLOCK_BACK_MS = 500;

/** Ends the txn of a run that was killed. */
class KilledRun extends Error {
  readonly job: JobKey;
  readonly error: string;

  constructor(job: JobKey, error: string) {
    super(`KEYDB.CRON job '${job.name.toString("latin1")}' was killed: what it did is dropped`);
    this.job = job;
    this.error = error;
  }
}

export class CronRunner {
  private readonly server: Services;
  private readonly pipeline: Pipeline;
  private readonly eval: Command;
  private lastLookMs = 0;
  private clockWentBack = false;
  /** A run that is to be noted without running it again. */
  private killed: KilledRun | null = null;

  constructor(server: Services, pipeline: Pipeline) {
    this.server = server;
    this.pipeline = pipeline;
    this.eval = server.registry.find(Args.of([Buffer.from("EVAL")])) as Command;
  }

  /** When there is something to do next, unix ms; on the present snapshot, at `keyspace.nowMs`. */
  nextMs(): number {
    const { nowMs } = this.server.keyspace;
    if (nowMs < this.lastLookMs - CLOCK_BACK_MS) this.clockWentBack = true;
    this.lastLookMs = nowMs;
    const nextMs = nextJobMs(this.server.keyspace);
    return this.clockWentBack && nextMs !== Number.POSITIVE_INFINITY ? nowMs : nextMs;
  }

  /** Runs the job that is due first, if there is one. In a write txn of its own. Returns how long the run took, ms. */
  runNext(): number {
    const { keyspace } = this.server;
    this.pipeline.startClock();
    if (this.clockWentBack) this.followClock();
    const due = dueJob(keyspace);
    if (due === null) return 0;
    const startedAt = performance.now();
    const { effects } = this.server;
    if (effects !== null) effects.begin();
    this.run(due, startedAt);
    if (effects !== null) effects.leave();
    return performance.now() - startedAt;
  }

  private run(due: JobKey, startedAt: number): void {
    const { keyspace, counters, host, events } = this.server;
    const { db, name } = due;
    const entry = findCron(keyspace, due);
    if (entry === null) throw new Error("a row of the cron table leads to another value");
    // A run is a use of the key: eviction by use takes a living job last.
    this.server.accessClock.touch(keyspace.codec.hashLow, keyspace.nowMs);
    const job = readCron(keyspace, entry);
    const stamp = this.moveOn(due, job);
    const error = this.killedRun(due)?.error ?? this.runScript(due, job);
    const usec = Math.round((performance.now() - startedAt) * 1000);
    counters[COUNTER.cron_job_runs] = (counters[COUNTER.cron_job_runs] as number) + 1;
    counters[COUNTER.cron_job_usec] = (counters[COUNTER.cron_job_usec] as number) + usec;
    if (error !== "") {
      counters[COUNTER.cron_job_errors] = (counters[COUNTER.cron_job_errors] as number) + 1;
      host.log("warning", `KEYDB.CRON job '${name.toString("latin1")}' of database ${db} failed: ${error}`);
    }
    if (job.repeats) this.noteOutcome(due, stamp, error === "" ? job.failures : job.failures + 1, usec, error);
    if ((events.flags & NOTIFY.keyevent) !== 0) events.publish(EVENT, db, name);
  }

  /** Before the script, which may itself change, rename or replace the job. Returns the record's new stamp. */
  private moveOn(due: JobKey, job: CronJob): string {
    const { keyspace } = this.server;
    if (job.repeats) {
      const { nextMs, missed } = nextSlot(job, due.nextMs, keyspace.nowMs);
      const history = { lastRunMs: keyspace.nowMs, runs: job.runs + 1, missed: job.missed + missed };
      updateCron(keyspace, due, history, nextMs);
    } else {
      this.server.effects?.add(due.db, ["DEL", due.name]);
      keyspace.forgetRow();
      keyspace.delete(due.db, due.name, 0, due.name.length);
    }
    return `${keyspace.versions.high} ${keyspace.versions.low}`;
  }

  /** The run of this slot that was killed before, if there was one. */
  private killedRun(due: JobKey): KilledRun | null {
    const { killed } = this;
    this.killed = null;
    const isThis = killed?.job.db === due.db && killed.job.nextMs === due.nextMs && killed.job.name.equals(due.name);
    return isThis ? killed : null;
  }

  /** The script's error, or "". Throws when it was killed. */
  private runScript(due: JobKey, { script, keys, args }: CronJob): string {
    const { db, name } = due;
    const { keyspace, scripting } = this.server;
    const client = new Client(0, "", "", -1, false, keyspace.nowMs, true);
    client.db = db;
    // As in KeyDB: whoever may make a job may have it do everything.
    client.user = null;
    client.dropsKilledScript = true;
    client.name = `cron:${name.toString("latin1")}`;
    const words = [Buffer.from("EVAL"), script, Buffer.from(String(keys.length)), ...keys, ...args];
    const reply = this.pipeline.runFor(client, this.eval, Args.of(words));
    const error = reply?.[0] === 0x2d ? reply.toString("utf8", 1, reply.indexOf("\r\n")) : "";
    if (error === "" || !scripting.wasKilled) return error;
    this.killed = new KilledRun(due, error);
    throw this.killed;
  }

  /** Unless the script has changed the job. */
  private noteOutcome(due: JobKey, stamp: string, failures: number, lastUsec: number, lastError: string): void {
    const { keyspace } = this.server;
    const entry = findCron(keyspace, due);
    if (entry === null || `${entry.versionHigh} ${entry.versionLow}` !== stamp) return;
    updateCron(keyspace, due, { failures, lastUsec, lastError }, entry.memberExpireAtMs);
  }

  /** The clock was set back: jobs that would wait until it has caught up go on with their next slot by the new time. */
  private followClock(): void {
    const { keyspace, host } = this.server;
    this.clockWentBack = false;
    let moved = 0;
    for (const key of listJobs(keyspace)) {
      const entry = findCron(keyspace, key);
      if (entry === null) continue;
      const slotMs = slotAfterClockChange(readCron(keyspace, entry), key.nextMs, keyspace.nowMs);
      if (slotMs === null) continue;
      updateCron(keyspace, key, {}, slotMs);
      moved++;
    }
    if (moved > 0) host.log("notice", `The clock was set back: ${moved} KEYDB.CRON jobs follow it`);
  }
}
