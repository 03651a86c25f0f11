import { setTimeout as pause } from 'node:timers/promises';
import { generateEstate } from '../local/azure/index.ts';
import type { Calls, Ingested } from './azure-process.ts';
import { type Built, type Cloud, startCloud } from './cloud.ts';
import type { Measured } from './measured.ts';
import { type EstateFacts, factsOf, type Nth, RULES_PER_SERVER, type Size } from './needed.ts';
import type { SweepMeasure } from './worker.ts';

/** Under what the sweeps are measured. */
export interface Scenario {
  readonly size: Size;
  readonly latencyMs: number;
  readonly throttled: boolean;
}

export interface SweepRun {
  readonly measure: SweepMeasure;
  /** As Azure counted them. */
  readonly calls: Calls;
  /** What a bare loop took for the same reads; not measured under throttles. */
  readonly floor: Measured | undefined;
}

/** Two sweeps one after the other, of an estate that nobody had swept. */
export interface Run {
  readonly first: SweepRun;
  readonly second: SweepRun;
  /** After the first sweep. */
  readonly ingested: Ingested;
  /** Shares of the servers open to the internet and to all of Azure that were found. */
  readonly found: { readonly internet: number; readonly azure: number };
}

/** An emptied bucket of 250 reads is full again after 10 s. */
const REFILL_MS = 11_000;

/** Sweeps a new cloud twice; `then` may measure more before it is closed. */
export async function runScenario(
  { size, latencyMs, throttled }: Scenario,
  built: Built,
  then: (cloud: Cloud) => Promise<void> = () => Promise.resolve(),
): Promise<Run> {
  const facts = factsOf(generateEstate({ ...size, rulesPerServer: RULES_PER_SERVER }));
  const cloud = await startCloud(size, built);
  try {
    await cloud.azure.ask('set', { latencyMs, throttle: throttled });
    const first = await sweepOnce(cloud, throttled);
    const ingested = await cloud.azure.ask('ingested', null);
    if (throttled) await pause(REFILL_MS);
    const second = await sweepOnce(cloud, throttled);
    const floors = throttled ? undefined : await measureFloors(cloud);
    await then(cloud);
    return {
      first: { ...first, floor: floors?.first },
      second: { ...second, floor: floors?.second },
      ingested,
      found: foundOf(facts, ingested),
    };
  } finally {
    await cloud.close();
  }
}

async function sweepOnce({ azure, worker }: Cloud, paced: boolean): Promise<Omit<SweepRun, 'floor'>> {
  await azure.ask('takeCalls', null);
  const measure = await worker.ask('sweep', { paced });
  return { measure, calls: await azure.ask('takeCalls', null) };
}

async function measureFloors(cloud: Cloud): Promise<Readonly<Record<Nth, Measured>>> {
  const { size, address, startFloor } = cloud;
  const floorOf = async (nth: Nth): Promise<Measured> => {
    const floor = startFloor();
    try {
      const { url, identityEndpoint } = address;
      return await floor.ask('sweep', { size, nth, url, identityEndpoint });
    } finally {
      await floor.close();
    }
  };
  return { first: await floorOf('first'), second: await floorOf('second') };
}

function foundOf(facts: EstateFacts, { internet, azure }: Ingested): Run['found'] {
  return { internet: shareOf(facts.internet, internet), azure: shareOf(facts.azure, azure) };
}

function shareOf(expected: readonly string[], found: readonly string[]): number {
  const known = new Set(found);
  return expected.filter((id) => known.has(id)).length / expected.length;
}
