import * as z from 'zod';
import type { Table } from '../ports.ts';
import * as keys from './keys.ts';

/** What the monitor remembers of itself. */
export interface KnownScope {
  /** Subscription ids in scope, as the last sweep resolved the settings; lower-cased. */
  readonly subscriptions: readonly string[];
  readonly tenants: Readonly<Record<string, string>>;
  readonly at: string;
}

const SCOPE = 'scope';
const EVENTS = 'events';
const HEARTBEAT = 'heartbeat';
const OUTAGE = 'outage';

async function readJson(
  table: Table,
  row: string,
): Promise<{ value: unknown; etag: string; now: string } | undefined> {
  const { rows, now } = await table.query(keys.MONITOR, row, `${row}~`);
  const [found] = rows;
  return found && { value: JSON.parse(found.text), etag: found.etag, now };
}

async function putJson(table: Table, row: string, value: unknown): Promise<void> {
  await table.transact(keys.MONITOR, [{ do: 'put', row, text: JSON.stringify(value) }]);
}

/** The storage service's clock: windows of the lifecycle take no other. */
export async function storageClock(table: Table): Promise<string> {
  return (await table.query(keys.MONITOR, SCOPE, `${SCOPE}~`, true)).now;
}

/** Undefined before the first sweep. */
export async function readKnownScope(table: Table): Promise<KnownScope | undefined> {
  return (await readJson(table, SCOPE))?.value as KnownScope | undefined;
}

export async function writeKnownScope(table: Table, scope: KnownScope): Promise<void> {
  await putJson(table, SCOPE, scope);
}

const Counters = z.object({ outOfScope: z.int(), malformed: z.int() });
export type EventCounters = z.infer<typeof Counters>;

/** Adds to the counters of events that led to nothing. */
export async function addEventCounts(table: Table, added: EventCounters): Promise<void> {
  for (;;) {
    const stored = await readJson(table, EVENTS);
    const known = stored ? Counters.parse(stored.value) : { outOfScope: 0, malformed: 0 };
    const text = JSON.stringify({
      outOfScope: known.outOfScope + added.outOfScope,
      malformed: known.malformed + added.malformed,
    });
    const written = await table.transact(keys.MONITOR, [
      stored ? { do: 'replace', row: EVENTS, text, etag: stored.etag } : { do: 'insert', row: EVENTS, text },
    ]);
    if (written !== 'conflict') return;
  }
}

/** The counters since the monitor was deployed. */
export async function readEventCounts(table: Table): Promise<EventCounters> {
  const stored = await readJson(table, EVENTS);
  return stored ? Counters.parse(stored.value) : { outOfScope: 0, malformed: 0 };
}

const Beat = z.object({ at: z.string(), outOfScope: z.int(), malformed: z.int() });
export type Beat = z.infer<typeof Beat>;

export async function readHeartbeat(
  table: Table,
): Promise<{ beat: Beat | undefined; etag: string | undefined }> {
  const stored = await readJson(table, HEARTBEAT);
  return { beat: stored && Beat.parse(stored.value), etag: stored?.etag };
}

/** False: another instance has just made it. */
export async function writeHeartbeat(table: Table, beat: Beat, etag: string | undefined): Promise<boolean> {
  const text = JSON.stringify(beat);
  const written = await table.transact(keys.MONITOR, [
    etag === undefined
      ? { do: 'insert', row: HEARTBEAT, text }
      : { do: 'replace', row: HEARTBEAT, text, etag },
  ]);
  return written !== 'conflict';
}

/** Rows waited for more than 15 minutes: when they are through, open findings are told again. */
export async function markOutage(table: Table): Promise<void> {
  await putJson(table, OUTAGE, {});
}

export async function isOutage(table: Table): Promise<boolean> {
  return (await readJson(table, OUTAGE)) !== undefined;
}

/** False: somebody else has ended it. */
export async function endOutage(table: Table): Promise<boolean> {
  return (await table.transact(keys.MONITOR, [{ do: 'delete', row: OUTAGE }])) !== 'conflict';
}

const Sub = z.object({
  /** The sweep that saw the subscription first, and when: what was there then is inventory. */
  firstRunId: z.string(),
  firstSweptAt: z.string(),
  /** Sweeps in a row in which it was proved to be out of scope. */
  outSweeps: z.int(),
});
export type SubscriptionFacts = z.infer<typeof Sub>;

/** Undefined: no sweep has seen the subscription yet. */
export async function readSubscription(
  table: Table,
  subscription: string,
): Promise<SubscriptionFacts | undefined> {
  const { rows } = await table.query(subscription, keys.SUBSCRIPTION_ROW, `${keys.SUBSCRIPTION_ROW}~`);
  return rows[0] && Sub.parse(JSON.parse(rows[0].text));
}

export async function writeSubscription(
  table: Table,
  subscription: string,
  facts: SubscriptionFacts,
): Promise<void> {
  const text = JSON.stringify(facts);
  await table.transact(subscription, [{ do: 'put', row: keys.SUBSCRIPTION_ROW, text }]);
}
