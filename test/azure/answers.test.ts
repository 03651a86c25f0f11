import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { understand } from '../../shared/azure/arm-answer.ts';

const FOLDER = new URL('../fixtures/answers/', import.meta.url);
const at = '2026-05-20T12:00:00.000Z';

/** Only a whole JSON answer with status 200 is one; what Azure or a proxy wrote stands in no reason. */
const ANSWERS: Readonly<Record<string, object>> = {
  'denied-with-the-missing-action': {
    outcome: 'denied',
    reason: 'denied (403): Microsoft.DBforMySQL/flexibleServers/firewallRules/read is missing',
    at,
  },
  'denied-with-a-hostile-message': { outcome: 'denied', reason: 'denied (403)', at },
  'denied-by-a-proxy': { outcome: 'denied', reason: 'denied (403)', at },
  'gone-with-error-as-text': { outcome: 'gone', code: '', at },
  'another-operation-in-progress': {
    outcome: 'failed',
    reason: 'ARM answered 409',
    retryAfterSeconds: 15,
  },
  'ok-but-cut': { outcome: 'failed', reason: 'the answer is no JSON' },
  'ok-with-a-page-of-html': { outcome: 'failed', reason: 'the answer is no JSON' },
  'ok-without-a-body': { outcome: 'failed', reason: 'the answer is no JSON' },
  'accepted-not-ready': { outcome: 'garbled', reason: 'ARM answered 202', at },
  'redirect-to-another-host': { outcome: 'garbled', reason: 'ARM answered 302', at },
};

interface Recorded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

test.each(Object.entries(ANSWERS))('%s', (file, expected) => {
  const recorded = JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), 'utf8')) as Recorded;
  expect(understand(recorded)).toEqual(expected);
});

test('every answer stands in the table', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(ANSWERS)
      .map((file) => `${file}.json`)
      .sort(),
  );
});
