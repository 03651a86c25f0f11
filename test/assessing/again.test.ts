import { expect, test } from 'vitest';
import { again, backoff, postpone } from '../../shared/assessing/again.ts';
import type { Request } from '../../shared/asking/request.ts';
import { TransientError } from '../../shared/transient-error.ts';
import { SERVER } from '../builders.ts';
import { monitor } from '../fakes.ts';
import { at } from '../histories.ts';

const REQUEST: Request = {
  resources: [{ id: '/a', graphHash: 'h' }, { id: '/b' }],
  reason: 'sweep',
  requestedAt: at(0),
  runId: 'r',
};

// The dice say one half: three quarters of 15 s, 30 s ...
test.each([
  { when: 'by our own measure', attempt: undefined, asked: undefined, seconds: 11.25 },
  { when: 'twice as long', attempt: 2, asked: undefined, seconds: 22.5 },
  { when: 'as long as Azure asks for', attempt: 1, asked: 120, seconds: 120 },
  { when: 'longer than Azure asks for', attempt: 2, asked: 5, seconds: 22.5 },
  { when: 'no longer than 15 minutes', attempt: 1, asked: 3600, seconds: 900 },
])('the next attempt waits $when', ({ attempt, asked, seconds }) => {
  const request = attempt === undefined ? REQUEST : { ...REQUEST, attempt };
  expect(backoff(new TransientError('busy', asked), request, monitor().ports)).toBe(seconds);
});

test.each([
  {
    when: 'with what Resource Graph told of it',
    graphHash: 'h',
    resources: [{ id: SERVER.id, graphHash: 'h' }],
  },
  { when: 'without', graphHash: undefined, resources: [{ id: SERVER.id }] },
])('a server is asked for again alone, $when', async ({ graphHash, resources }) => {
  const app = monitor();
  await postpone({ server: SERVER, graphHash }, REQUEST, 30, app.ports);
  expect(app.messages).toEqual([
    { request: { ...REQUEST, resources, attempt: 2 }, dueAt: Date.parse(app.time()) + 30_000 },
  ]);
});

test.each([
  { attempt: undefined, delay: 0, sends: 1 },
  { attempt: undefined, delay: 1, sends: 2 },
  { attempt: 39, delay: 1, sends: 40 },
  { attempt: 40, delay: 0, sends: 40 },
  { attempt: 40, delay: 1, sends: undefined },
])('attempt $attempt after $delay s is number $sends', async ({ attempt, delay, sends }) => {
  const app = monitor();
  const sent = again(attempt === undefined ? REQUEST : { ...REQUEST, attempt }, delay, app.ports);
  if (sends === undefined) await expect(sent).rejects.toThrow('40 attempts');
  else await sent;
  expect(app.messages.map(({ request }) => request.attempt)).toEqual(sends === undefined ? [] : [sends]);
});
