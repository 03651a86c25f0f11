import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSubscription } from './events.ts';
import { isRecord } from './json.ts';

const webhookOrigin = 'eventgrid.azure.net';

const validationEvent = (code: string, now: Date): unknown => [
  {
    id: randomUUID(),
    topic: '/subscriptions/00000000-0000-0000-0000-000000000000',
    subject: '',
    data: {
      validationCode: code,
      validationUrl: `https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/local/validate?id=${code}`,
    },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: now.toISOString(),
    metadataVersion: '1',
    dataVersion: '1',
  },
];

const patienceMs = 60_000;
const answerMs = 30_000;

/** Asks an endpoint once whether it wants events, as Event Grid does; throws with the reason when it does not. */
const shakeHands = async (subscription: EventSubscription, now: Date, signal: AbortSignal): Promise<void> => {
  if (subscription.schema === 'CloudEventSchemaV1_0') {
    const answer = await fetch(subscription.endpoint, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': webhookOrigin },
      signal,
    });
    await answer.arrayBuffer();
    const allowed = answer.headers.get('webhook-allowed-origin');
    if (answer.ok && (allowed === '*' || allowed === webhookOrigin)) return;
    throw new Error(
      `OPTIONS was answered with ${answer.status} and WebHook-Allowed-Origin ${String(allowed)}.`,
    );
  }
  const code = randomUUID();
  const answer = await fetch(subscription.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' },
    body: JSON.stringify(validationEvent(code, now)),
    signal,
  });
  const text = await answer.text();
  const body: unknown = answer.ok && text.startsWith('{') ? JSON.parse(text) : undefined;
  if (isRecord(body) && body['validationResponse'] === code) return;
  throw new Error(`The validation was answered with ${answer.status} and without its code.`);
};

/** Repeats the handshake until it passes, for the app may start after Azure; throws when it did not within a minute. */
export const greet = async (
  subscription: EventSubscription,
  now: () => Date,
  stop: AbortSignal,
): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await shakeHands(subscription, now(), AbortSignal.any([stop, AbortSignal.timeout(answerMs)]));
      return;
    } catch (error) {
      if (stop.aborted || Date.now() > deadline)
        throw new Error(`${subscription.endpoint} did not accept the event subscription.`, { cause: error });
      await sleep(250, undefined, { signal: stop }).catch(() => undefined);
    }
  }
};
