import type { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../shared/asking/request.ts';
import { readFailures } from '../../shared/state/failures.ts';
import { readEventCounts } from '../../shared/state/monitor.ts';
import { until } from '../end-to-end/cloud.ts';
import { estateOf, flexible, serverId, SHOP } from '../end-to-end/estate.ts';
import { type Door, invocation, openDoor, requestOf } from '../functions/door.ts';
import { HOSTILE } from './strings.ts';

const ORDERS = serverId('orders');

type Handler<Result> = (message: unknown, context: InvocationContext) => Promise<Result>;

let door: Door;
let onEvent: Handler<string | undefined>;
let onMessage: Handler<void>;
let onPoison: Handler<void>;

beforeAll(async () => {
  door = await openDoor(estateOf([flexible('orders', 'Enabled')]));
  ({ onResourceChange: onEvent } = await import('../../functions/on-resource-change.ts'));
  ({ assessServers: onMessage } = await import('../../functions/assess.ts'));
  ({ reportFailedAssessment: onPoison } = await import('../../functions/report-failed-assessment.ts'));
});
afterAll(() => door.close());

/** An event whose one field, or all of it, is the text. */
function eventsOf(text: string): readonly unknown[] {
  const event = {
    id: 'e1',
    subject: ORDERS,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-05-20T12:00:00Z',
    topic: `/subscriptions/${SHOP}`,
    data: { resourceUri: ORDERS, operationName: 'x/write', claims: { name: 'Dana' } },
  };
  const { data } = event;
  return [
    text,
    [text],
    { [text]: text },
    { ...event, id: text },
    { ...event, subject: text },
    { ...event, subject: `${ORDERS}/firewallRules/${text}` },
    { ...event, eventType: text },
    { ...event, eventTime: text },
    { ...event, topic: text, source: text },
    { ...event, data: text },
    { ...event, subject: '', data: { ...data, resourceUri: text } },
    { ...event, data: { ...data, operationName: text, status: text, correlationId: text } },
    {
      ...event,
      data: { ...data, claims: { [text]: text, name: text }, httpRequest: { clientIpAddress: text } },
    },
    { ...event, data: { ...data, claims: text, authorization: text, httpRequest: text } },
  ];
}

/** Texts that a log line may not hold; short ones are in every line by chance. */
const tells = (lines: readonly string[], text: string): boolean =>
  text.trim().length > 8 &&
  lines.some((line) => line.includes(text) || line.includes(JSON.stringify(text).slice(1, -1)));

test('no event makes the door throw, and what it asks for is about a resource in scope and small', async () => {
  const faults: string[] = [];
  for (const text of HOSTILE) {
    for (const [place, event] of eventsOf(text).entries()) {
      const { context, lines } = invocation();
      const message = await onEvent(event, context).catch((error: unknown) => String(error));
      const where = `${place} ${JSON.stringify(text.slice(0, 40))}`;
      // The id of an event stands in the line that says why it was dropped, and nothing else of it.
      const isNamed = place === 3;
      if (!isNamed && tells(lines, text)) faults.push(`told: ${where}`);
      if (message === undefined) continue;
      if (message.length > (MAX_MESSAGE_BYTES * 4) / 3) faults.push(`large: ${where}`);
      const request = requestOf(message);
      const ids = request.resources.map(({ id }) => id);
      if (ids.some((id) => id !== ORDERS.toLowerCase())) faults.push(`asked for ${ids.join()}: ${where}`);
      if (/\\ud[89a-f]/.test(JSON.stringify(request))) faults.push(`halves: ${where}`);
    }
  }
  expect(faults).toEqual([]);
}, 120_000);

test('what was malformed is counted', async () => {
  const counts = await until('the counts', async () => {
    const now = await readEventCounts(door.table);
    return now.malformed > HOSTILE.length ? now : undefined;
  });
  expect(counts.malformed).toBeGreaterThan(HOSTILE.length);
});

test('no message in the queue makes assess throw, or stands in its log', async () => {
  const faults: string[] = [];
  for (const text of HOSTILE) {
    const messages = [
      text,
      Buffer.from(text).toString('base64'),
      { [text]: text },
      JSON.stringify({ resources: [{ id: text }], reason: 'event', requestedAt: '2026-05-20T12:00:00Z' }),
      JSON.stringify({ resources: [{ id: ORDERS }], reason: text, requestedAt: text }),
    ];
    for (const message of messages) {
      const { context, lines } = invocation({ insertionTime: text });
      await onMessage(message, context).catch((error: unknown) => {
        faults.push(`threw ${String(error)}: ${JSON.stringify(text.slice(0, 40))}`);
      });
      if (tells(lines, text)) faults.push(`told: ${JSON.stringify(text.slice(0, 40))}`);
    }
  }
  expect(faults).toEqual([]);
  expect(await door.requests()).toEqual([]);
}, 120_000);

test('a message that never succeeded leaves a record without its text', async () => {
  const messages = HOSTILE.filter((_, index) => index % 9 === 0);
  for (const text of messages) {
    const { context, lines } = invocation({ insertionTime: text });
    await onPoison(text, context);
    expect(tells(lines, text)).toBe(false);
  }
  const failures = await readFailures(door.table, [SHOP]);
  expect(failures).toHaveLength(messages.length);
  for (const failure of failures)
    expect(failure).toMatchObject({
      serverId: '',
      reason: 'a message that is neither a request nor an event in scope',
    });
});
