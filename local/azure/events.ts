import { setTimeout as sleep } from 'node:timers/promises';
import { createChance } from './chance.ts';
import type { Counters } from './counters.ts';
import { greet } from './handshake.ts';
import type { Json } from './json.ts';
import { cloudEventOf, eventOf, type Operation } from './operation.ts';
import type { Switches } from './switches.ts';

/** Where events go, as an event subscription of Azure says it. */
export interface EventSubscription {
  readonly endpoint: string;
  readonly schema: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  /** All types when left out. */
  readonly includedEventTypes?: readonly string[];
}

export interface EventGrid {
  publish: (operation: Operation) => void;
  /** Resolves when the endpoint passed the handshake; rejects when it did not within a minute. */
  add: (subscription: EventSubscription) => Promise<void>;
  /** Sends a payload as it is to every endpoint, once; the status codes in the order of the subscriptions. */
  send: (payload: unknown) => Promise<number[]>;
  /** Resolves when no event waits for its delivery. */
  idle: () => Promise<void>;
  close: () => void;
}

interface Target {
  readonly subscription: EventSubscription;
  readonly ready: Promise<boolean>;
  held: Json[];
}

const deliveryMs = 30_000;
const holdMs = 1000;
// Answers of a webhook after which Azure does not try again.
const final = new Set([400, 401, 413]);

const post = async (
  endpoint: string,
  body: unknown,
  schema: string,
  signal: AbortSignal,
): Promise<number> => {
  const type = schema === 'EventGridSchema' ? 'application/json' : 'application/cloudevents+json';
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': `${type}; charset=utf-8`, 'aeg-event-type': 'Notification' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(deliveryMs)]),
  });
  await answer.arrayBuffer();
  return answer.status;
};

/** Event Grid: handshake, delivery with retries, and the duplicates, disorder, delay and loss that the switches ask for. */
export const createEventGrid = (parts: {
  readonly switches: Switches;
  readonly counters: Counters;
  readonly now: () => Date;
  /** Waits between the tries; Azure's own begin with 10 s, 30 s and a minute. */
  readonly retryDelaysMs: readonly number[];
}): EventGrid => {
  const { switches, counters, now, retryDelaysMs } = parts;
  const chance = createChance(1);
  const stop = new AbortController();
  const targets: Target[] = [];
  const waiting = new Set<Promise<void>>();

  const attempt = async ({ subscription }: Target, event: Json): Promise<boolean | undefined> => {
    const body = subscription.schema === 'EventGridSchema' ? [event] : cloudEventOf(event);
    try {
      const status = await post(subscription.endpoint, body, subscription.schema, stop.signal);
      if (status >= 200 && status <= 204) return true;
      return final.has(status) ? false : undefined;
    } catch {
      return undefined; // No answer: tried again like a refusal that may pass.
    }
  };

  const deliver = async (target: Target, event: Json): Promise<void> => {
    if (switches.events.delayMs > 0)
      await sleep(switches.events.delayMs, undefined, { signal: stop.signal }).catch(() => undefined);
    const ready = await target.ready;
    for (const wait of [0, ...retryDelaysMs]) {
      if (!ready || stop.signal.aborted) break;
      if (wait > 0) {
        counters.events.retried += 1;
        await sleep(wait, undefined, { signal: stop.signal }).catch(() => undefined);
      }
      const delivered = await attempt(target, event);
      if (delivered === true) {
        counters.events.delivered += 1;
        return;
      }
      if (delivered === false) break;
    }
    counters.events.dropped += 1;
  };

  const track = (work: Promise<void>): void => {
    waiting.add(work);
    void work.finally(() => waiting.delete(work));
  };

  /** Sends what is held in the opposite order, one after the other, so that the disorder is certain. */
  const flush = (target: Target): void => {
    const sendAll = async (events: readonly Json[]): Promise<void> => {
      for (const event of events) await deliver(target, event);
    };
    track(sendAll(target.held.splice(0).toReversed()));
  };

  const enqueue = (target: Target, event: Json): void => {
    if (switches.events.disorder < 2) {
      track(deliver(target, event));
      return;
    }
    target.held.push(event);
    if (target.held.length >= switches.events.disorder) flush(target);
    else if (target.held.length === 1)
      track(
        sleep(holdMs, undefined, { signal: stop.signal })
          .catch(() => undefined)
          .then(() => {
            flush(target);
          }),
      );
  };

  return {
    publish: (operation) => {
      const event = eventOf(operation);
      for (const target of targets) {
        const wanted = target.subscription.includedEventTypes;
        if (wanted && !wanted.includes(String(event['eventType']))) continue;
        counters.events.published += 1;
        if (switches.events.lossRate > 0 && chance() < switches.events.lossRate) {
          counters.events.lost += 1;
          continue;
        }
        for (let copy = 0; copy <= switches.events.duplicates; copy += 1) enqueue(target, event);
      }
    },
    add: (subscription) => {
      const greeted = greet(subscription, now, stop.signal);
      const ready = greeted.then(
        () => true,
        () => false,
      );
      targets.push({ subscription, ready, held: [] });
      return greeted;
    },
    send: (payload) =>
      Promise.all(
        targets.map(({ subscription }) =>
          post(subscription.endpoint, payload, subscription.schema, stop.signal),
        ),
      ),
    idle: async () => {
      while (waiting.size > 0) await Promise.all(waiting);
    },
    close: () => {
      stop.abort();
    },
  };
};
