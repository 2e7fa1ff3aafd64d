/**
 * When a dead worker is started again. A worker that had lived for a while is replaced at once; one that keeps dying
 * soon after its start is replaced after growing pauses, and given up in the end: a crash loop helps nobody and hides
 * its cause in the log.
 */

/**
 * A worker that served this long was sound: somebody who kills a worker every second must not end the server, a worker
 * that dies of its start or of its first clients is in a loop.
 */
const SOUND_MS = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const MAX_DEATHS = 10;

export class RestartPolicy {
  /** Deaths in a row that came soon after the start. */
  deaths = 0;

  /** Pause before the replacement, ms; null = give up. `servedMs` counts from when clients could connect. */
  died(servedMs: number): number | null {
    if (servedMs >= SOUND_MS) {
      this.deaths = 0;
      return 0;
    }
    this.deaths++;
    if (this.deaths >= MAX_DEATHS) return null;
    // The first early death may be bad luck (a kill): no pause.
    return this.deaths === 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.deaths - 2), LONGEST_PAUSE_MS);
  }
}
