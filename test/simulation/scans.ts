import { createScan, scanRequests } from '../../shared/http/scan-servers.ts';
import type { Ports } from '../../shared/ports.ts';
import { newRunId } from '../../shared/sweeping/sweep.ts';
import { dice } from './dice.ts';
import { SERVERS } from './world.ts';

/** Somebody asks for a scan over HTTP. */
export interface Scan {
  readonly at: number;
  /** Places of the servers that are named; empty: everything is swept. */
  readonly servers: readonly number[];
}

const MINUTE = 60_000;

/** A scan every eight minutes on average, seldom of everything. */
export function scansOf(seed: number, start: number, end: number): readonly Scan[] {
  const rolls = dice(seed, 'scans');
  const scans: Scan[] = [];
  for (let at = start; ;) {
    at += -Math.log(1 - rolls.next()) * 8 * MINUTE;
    if (at >= end) return scans;
    const count = rolls.chance(0.2) ? 0 : 1 + rolls.below(3);
    scans.push({ at, servers: Array.from({ length: count }, () => rolls.below(SERVERS.length)) });
  }
}

/** What the scan function does with servers that a caller names. */
export async function scanNamed(servers: readonly number[], ports: Ports): Promise<void> {
  const now = ports.process.now();
  const named = servers.flatMap((place) => SERVERS[place]?.resource ?? []);
  const requests = scanRequests(named, newRunId(now), new Date(now).toISOString());
  await createScan(requests, ports);
  for (const request of requests) await ports.queue.send(request, 0);
}
