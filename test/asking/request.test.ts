import { describe, expect, test } from 'vitest';
import { Request } from '../../shared/asking/request.ts';
import { messageText } from '../../shared/state/azure-queue.ts';

const REQUEST: Request = {
  resources: [{ id: '/subscriptions/x' }],
  reason: 'event',
  requestedAt: '2026-09-01T08:00:00.000Z',
};

describe('the shape of a request', () => {
  test.each<{ when: string; more: object; valid: boolean }>([
    { when: 'the least', more: {}, valid: true },
    { when: '100 resources', more: { resources: Array(100).fill({ id: 'x' }) }, valid: true },
    { when: '101 resources', more: { resources: Array(101).fill({ id: 'x' }) }, valid: false },
    { when: 'no resources', more: { resources: [] }, valid: false },
    { when: 'an id of 1,024 characters', more: { resources: [{ id: 'x'.repeat(1024) }] }, valid: true },
    { when: 'an id of 1,025 characters', more: { resources: [{ id: 'x'.repeat(1025) }] }, valid: false },
    { when: 'a look', more: { reason: 'look' }, valid: true },
    { when: 'a second look', more: { reason: 'second-look' }, valid: true },
    { when: 'a recheck', more: { reason: 'recheck' }, valid: true },
    { when: 'a reason in another casing', more: { reason: 'Event' }, valid: false },
    { when: 'a time with an offset', more: { requestedAt: '2026-09-01T08:00:00+02:00' }, valid: false },
    { when: 'attempt 0', more: { attempt: 0 }, valid: false },
    { when: 'half an attempt', more: { attempt: 1.5 }, valid: false },
    { when: 'batch 0', more: { batch: 0 }, valid: true },
    { when: 'a batch before the first', more: { batch: -1 }, valid: false },
    { when: 'a change that is none', more: { changes: [{}] }, valid: false },
  ])('$when: $valid', ({ more, valid }) => {
    expect(Request.safeParse({ ...REQUEST, ...more }).success).toBe(valid);
  });
});

describe('the text of a message', () => {
  test('base64 of JSON', () => {
    expect(JSON.parse(Buffer.from(messageText(REQUEST), 'base64').toString())).toEqual(REQUEST);
  });

  test('48 KB are the most, in bytes and not in characters', () => {
    const empty = Buffer.byteLength(JSON.stringify({ ...REQUEST, runId: '' }));
    const largest = { ...REQUEST, runId: 'x'.repeat(48 * 1024 - empty) };
    expect(Buffer.from(messageText(largest), 'base64')).toHaveLength(48 * 1024);
    expect(() => messageText({ ...largest, runId: `${largest.runId}x` })).toThrow('larger than a message');
    expect(() => messageText({ ...largest, runId: largest.runId.replace('x', 'é') })).toThrow();
  });
});
