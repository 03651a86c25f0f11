import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';
import type { Release } from './versions.ts';

/** A fault that the simulation injected; what is not one of these is a bug or an answer of the product's own. */
export class Injected extends Error {
  override readonly name = 'Injected';
}

/** What a run may do to one port call, by its number: for the exhaustive enumeration. */
export type Tamper = (
  port: string,
) => 'crash before' | 'crash after' | 'error before' | 'error after' | undefined;

/** One run of a function in one process: it may pause, and it may die at any call. */
export interface Invocation {
  /** Runs a port's work after its latency; `errors`: what may go wrong with storage. */
  call<Value>(
    port: string,
    latencyMs: number,
    work: () => Value | Promise<Value>,
    errors?: Errors,
  ): Promise<Value>;
  /** This process's own, possibly wrong, clock. */
  readonly now: () => number;
  injected: boolean;
  /** By the true clock. */
  readonly startedAt: number;
  /** The code that it runs. */
  readonly release: Release;
  readonly died: Promise<void>;
}

export interface Errors {
  /** Instead of the work. */
  readonly before?: () => boolean;
  /** After the work was done. */
  readonly after?: () => boolean;
}

const HOUR = 3_600_000;

export function invocation(
  clock: Scheduler,
  faults: Faults,
  release: Release,
  tamper: Tamper = () => undefined,
): Invocation {
  const rolls = faults.dice('processes');
  const offset = faults.hit('wrong clocks', 0.6) ? rolls.between(-HOUR, HOUR) : 0;
  let dead = false;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const isDead = (): boolean => dead;
  const forever = <Value>(): Promise<Value> => {
    if (!dead) die();
    dead = true;
    return new Promise<Value>(() => undefined);
  };
  const self: Invocation = {
    injected: false,
    startedAt: clock.now(),
    release,
    died,
    now: () => clock.now() + (faults.on ? offset : 0),
    async call(port, latencyMs, work, errors = {}) {
      if (isDead()) return forever();
      const change = tamper(port);
      if (change === 'crash before' || faults.hit('crashes', 0.004)) return forever();
      await clock.sleep(latencyMs);
      if (isDead()) return forever();
      if (change === 'error before' || errors.before?.()) {
        self.injected = true;
        throw new Injected('nothing was done');
      }
      const value = await work();
      if (change === 'crash after' || faults.hit('crashes', 0.004)) return forever();
      if (faults.hit('pauses', 0.008)) {
        await clock.sleep(rolls.next() * faults.pauseMs);
        if (isDead()) return forever();
      }
      if (change === 'error after' || errors.after?.()) {
        self.injected = true;
        throw new Injected('done, but the answer was lost');
      }
      return value;
    },
  };
  return self;
}
