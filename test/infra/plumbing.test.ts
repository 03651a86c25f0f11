import { beforeEach, describe, expect, test } from 'vitest';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import type { Answer } from '../../shared/ports.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import { type Monitor, monitor, SUBSCRIPTION } from '../fakes.ts';
import {
  ALERT_RULES,
  alertRule,
  deployPlumbing,
  eventsOf,
  eventSubscription,
  OTHER,
  OWN,
} from '../sweeping/plumbing-estate.ts';
import { alert, type Row } from './queries.ts';
import { at, minute, runs } from './rows.ts';

const RUNS = 'DatabaseExposureRuns_CL';
const SETTINGS = { subscriptions: [SUBSCRIPTION, OTHER], managementGroups: [], ownParts: OWN };
const THROTTLED: Answer<never> = { outcome: 'failed', reason: 'throttled' };
const TIMES = [0, 15, 30, 45, 60, 75];

let app: Monitor;

/** Sweeps every quarter of an hour up to a minute; whether the alert fires five minutes after the last. */
async function firesAt(until: number, before?: (started: number) => void): Promise<boolean> {
  const sent: Row[] = [];
  for (const started of TIMES.filter((time) => time <= until)) {
    if (started > 0) await app.pass(900);
    before?.(started);
    const { runId } = await sweep(SETTINGS, app.environment, app.ports);
    await publishPending(app.environment, app.ports);
    sent.push(...app.rows(RUNS, { RunId: runId }).map((row) => at(minute(started + 2), row)));
  }
  return alert('coverage-lost', runs(...sent), minute(until + 5)).length > 0;
}

beforeEach(() => {
  app = monitor();
  deployPlumbing(app);
});

describe('coverage is lost', () => {
  test('fires on the first sweep that finds plumbing missing, and clears an hour after it was mended', async () => {
    app.lists.set(eventsOf(SUBSCRIPTION), []);
    expect(await firesAt(0)).toBe(true);
    app.lists.set(eventsOf(SUBSCRIPTION), [eventSubscription()]);
    expect(await firesAt(60)).toBe(false);
  });

  test('fires on an alert rule that is disabled', async () => {
    app.lists.set(ALERT_RULES, [alertRule('db-exposure-storm', false)]);
    expect(await firesAt(15)).toBe(true);
  });

  test.each([
    { when: 'quiet: one check could not be made', until: 45, times: 1, fires: false },
    { when: 'quiet: the next check could be made', until: 75, times: 1, fires: false },
    { when: 'fires: two checks in a row could not be made', until: 60, times: 2, fires: true },
  ])('$when', async ({ until, times, fires }) => {
    app.faults.set(ALERT_RULES, { answer: THROTTLED, times });
    expect(await firesAt(until)).toBe(fires);
  });

  test('quiet: everything is in its place', async () => {
    expect(await firesAt(75)).toBe(false);
  });

  test.each([
    'Policy: exemptions[0]: ends within 7 days.',
    'Policy: the reason is "Plumbing: the alert rule is disabled".',
    'Policy: a, "Plumbing: b", "Plumbing could not be checked: c"',
    'No event told of changes that the sweep found: /subscriptions/x/plumbing.',
    'The change table could not be read in full: public-access-flap cannot tell.',
  ])('quiet on a notice: %s', async (notice) => {
    app = { ...app, environment: { ...app.environment, notices: [notice, notice] } };
    expect(await firesAt(75)).toBe(false);
  });
});
