import { beforeEach, describe, expect, test } from 'vitest';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import type { Answer } from '../../shared/ports.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import { type Monitor, monitor, START, SUBSCRIPTION } from '../fakes.ts';
import {
  ACCOUNT,
  ALERT_RULES,
  alertRule,
  COLLECTION_RULES,
  deployPlumbing,
  eventsOf,
  eventSubscription,
  OTHER,
  OWN,
  toFunction,
  topic,
  topicsOf,
  toQueue,
} from './plumbing-estate.ts';

const SETTINGS = { subscriptions: [SUBSCRIPTION, OTHER], managementGroups: [], ownParts: OWN };
const DENIED: Answer<never> = {
  outcome: 'denied',
  reason: 'denied (403): Microsoft.EventGrid/systemTopics/read is missing',
  at: START,
};

const NO_EVENTS = `Plumbing: no event subscription of subscription ${SUBSCRIPTION} delivers to this app; deploy infra/events.bicep there.`;
const NOT_IN_FORCE = `Plumbing: the event subscription "db-exposure" of subscription ${SUBSCRIPTION} is not in force; deploy infra/events.bicep there again.`;
const NO_ALERTS = "Plumbing: the monitor's resource group has no alert rule; deploy infra/main.bicep again.";
const NO_COLLECTION = `Plumbing: the monitor's resource group has no data collection rule ${OWN.logsRuleId}; deploy infra/main.bicep again.`;
const unsure = (what: string, reason: string): string => `Plumbing could not be checked: ${what}: ${reason}.`;
const EVENTS = `the events of subscription ${SUBSCRIPTION}`;

let app: Monitor;

/** What the sweep's row tells; its servers have no part in it. */
async function problems(settings: Parameters<typeof sweep>[0] = SETTINGS): Promise<unknown> {
  const { runId } = await sweep(settings, app.environment, app.ports);
  await publishPending(app.environment, app.ports);
  const [row] = app.rows('DatabaseExposureRuns_CL', { RunId: runId });
  expect(row).toMatchObject({ Partial: false });
  return row?.['Problems'];
}

beforeEach(() => {
  app = monitor();
  deployPlumbing(app);
});

const events = (...items: readonly unknown[]): void => {
  app.lists.set(eventsOf(SUBSCRIPTION), items);
};
const fail = (path: string, answer: Answer<never>): void => {
  app.faults.set(path, { answer, times: 1 });
};

test.each<{ when: string; then?: () => void; told: readonly string[] }>([
  { when: 'all is fine', told: [] },
  {
    when: 'the topic is gone',
    then: () => app.lists.delete(topicsOf(SUBSCRIPTION)),
    told: [NO_EVENTS],
  },
  {
    when: 'the topic goes while it is looked at',
    then: () => app.lists.delete(eventsOf(SUBSCRIPTION)),
    told: [NO_EVENTS],
  },
  {
    when: 'the topic is of something else',
    then: () =>
      app.lists.set(topicsOf(SUBSCRIPTION), [
        topic(SUBSCRIPTION, { topicType: 'Microsoft.Storage.StorageAccounts' }),
        topic(SUBSCRIPTION, { source: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg` }),
      ]),
    told: [NO_EVENTS],
  },
  {
    when: "the topic is another subscription's",
    then: () =>
      app.lists.set(topicsOf(SUBSCRIPTION), [topic(SUBSCRIPTION, { source: `/subscriptions/${OTHER}` })]),
    told: [NO_EVENTS],
  },
  {
    when: 'the answer leads to a topic in another subscription, which is not read',
    then: () =>
      app.lists.set(topicsOf(SUBSCRIPTION), [
        { ...(topic(OTHER) as object), properties: { ...propertiesOf(topic(SUBSCRIPTION)) } },
      ]),
    told: [unsure(EVENTS, 'not as documented: the id of its topic')],
  },
  {
    when: 'the event subscription is gone',
    then: () => {
      events();
    },
    told: [NO_EVENTS],
  },
  {
    when: 'the event subscription is not in force',
    then: () => {
      events(eventSubscription({ provisioningState: 'AwaitingManualAction' }));
    },
    told: [NOT_IN_FORCE],
  },
  {
    when: 'one of two is in force',
    then: () => {
      events(eventSubscription({ provisioningState: 'Failed' }), eventSubscription());
    },
    told: [],
  },
  {
    when: 'the event subscription delivers to another app',
    then: () => {
      events(eventSubscription({ destination: toFunction(OWN.appId.replace('func-monitor', 'func-evil')) }));
    },
    told: [NO_EVENTS],
  },
  {
    when: 'the event subscription delivers to another function of this app',
    then: () => {
      events(eventSubscription({ destination: toFunction(OWN.appId, 'sweep') }));
    },
    told: [NO_EVENTS],
  },
  {
    when: 'the event subscription delivers to a webhook',
    then: () => {
      events(
        eventSubscription({
          destination: { endpointType: 'WebHook', properties: { endpointBaseUrl: 'https://example.com' } },
        }),
      );
    },
    told: [NO_EVENTS],
  },
  {
    when: 'the queue takes the events, by the identity of the topic',
    then: () => {
      events(
        eventSubscription({
          destination: null,
          deliveryWithResourceIdentity: { identity: { type: 'SystemAssigned' }, destination: toQueue() },
        }),
      );
    },
    told: [],
  },
  {
    when: 'the queue takes the events, without an identity',
    then: () => {
      events(eventSubscription({ destination: toQueue() }));
    },
    told: [],
  },
  {
    when: 'another queue takes the events',
    then: () => {
      events(eventSubscription({ destination: toQueue('assessments-poison') }));
    },
    told: [NO_EVENTS],
  },
  {
    when: 'a queue of another account takes the events',
    then: () => {
      events(eventSubscription({ destination: toQueue('assessments', ACCOUNT.replace('stmon', 'stm0n')) }));
    },
    told: [NO_EVENTS],
  },
  {
    when: 'alert rules are disabled, one with a name of its own',
    then: () =>
      app.lists.set(ALERT_RULES, [
        alertRule('db-exposure-storm'),
        alertRule('db-exposure-coverage-lost', false),
        alertRule('a "b"\nc', false),
      ]),
    told: [
      'Plumbing: the alert rule "db-exposure-coverage-lost" is disabled; enable it.',
      'Plumbing: the alert rule "a \\"b\\"\\nc" is disabled; enable it.',
    ],
  },
  {
    when: 'there is no alert rule',
    then: () => app.lists.set(ALERT_RULES, []),
    told: [NO_ALERTS],
  },
  {
    when: 'the data collection rule is gone',
    then: () => app.lists.set(COLLECTION_RULES, []),
    told: [NO_COLLECTION],
  },
  {
    when: 'the data collection rule was replaced',
    then: () =>
      app.lists.set(COLLECTION_RULES, [
        { properties: { immutableId: 'dcr-ffffffffffffffffffffffffffffffff' } },
        { properties: {} },
      ]),
    told: [NO_COLLECTION],
  },
  {
    when: 'the whole resource group is gone',
    then: () => {
      app.lists.delete(ALERT_RULES);
      app.lists.delete(COLLECTION_RULES);
    },
    told: [NO_ALERTS, NO_COLLECTION],
  },
  {
    when: 'topics may not be read',
    then: () => {
      fail(topicsOf(SUBSCRIPTION), DENIED);
    },
    told: [unsure(EVENTS, DENIED.reason)],
  },
  {
    when: 'everything is throttled, which is told after what is missing',
    then: () => {
      const throttled: Answer<never> = { outcome: 'failed', reason: 'throttled', retryAfterSeconds: 3600 };
      fail(ALERT_RULES, throttled);
      fail(COLLECTION_RULES, throttled);
      fail(eventsOf(OTHER), throttled);
      events();
    },
    told: [
      NO_EVENTS,
      unsure('the alert rules', 'throttled'),
      unsure('the data collection rule', 'throttled'),
      unsure(`the events of subscription ${OTHER}`, 'throttled'),
    ],
  },
  {
    when: 'an alert rule does not say whether it is enabled',
    then: () => app.lists.set(ALERT_RULES, [alertRule('a'), { name: 'b', properties: {} }]),
    told: [unsure('the alert rules', 'not as documented: the list')],
  },
])('$when', async ({ then, told }) => {
  then?.();
  expect(await problems()).toEqual(told);
});

function propertiesOf(item: unknown): object {
  return (item as { readonly properties: object }).properties;
}

test('many problems are named up to twenty', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `rule-${index}`);
  app.lists.set(
    ALERT_RULES,
    names.map((name) => alertRule(name, false)),
  );
  const told = await problems();
  expect(told).toHaveLength(21);
  expect(told).toContain('Plumbing: the alert rule "rule-19" is disabled; enable it.');
  expect(told).toContain('Plumbing has 3 more problems that are not named here.');
});

test('a name of any length is cut', async () => {
  app.lists.set(ALERT_RULES, [alertRule('x'.repeat(9000), false)]);
  expect(await problems()).toEqual([
    `Plumbing: the alert rule "${'x'.repeat(119)}…" is disabled; enable it.`,
  ]);
});

describe('how often', () => {
  const plumbing = (): readonly string[] => app.reads.filter((path) => /eventgrid|insights/.test(path));

  test('six calls in the first sweep, none until an hour is over; the row goes on telling', async () => {
    events();
    expect(await problems()).toEqual([NO_EVENTS]);
    expect(plumbing()).toHaveLength(6);
    events(eventSubscription());
    for (const seconds of [900, 900, 900]) {
      await app.pass(seconds);
      expect(await problems()).toEqual([NO_EVENTS]);
    }
    expect(plumbing()).toHaveLength(6);
    // The timer of this sweep was faster than that of the first.
    await app.pass(870);
    expect(await problems()).toEqual([]);
    expect(plumbing()).toHaveLength(12);
  });

  test('what was fine is not asked for again either', async () => {
    await problems();
    await app.pass(900);
    expect(await problems()).toEqual([]);
    expect(plumbing()).toHaveLength(6);
  });

  test('never where the app does not know where it lies', async () => {
    app.lists.clear();
    expect(await problems({ ...SETTINGS, ownParts: undefined })).toEqual([]);
    expect(plumbing()).toEqual([]);
  });

  test('never in a scan', async () => {
    app.lists.clear();
    const scan = await sweep(SETTINGS, app.environment, app.ports, { runId: 'scan' });
    expect(scan.notices).toEqual([]);
    expect(plumbing()).toEqual([]);
  });

  test('not beyond a minute: the subscriptions that are left are told as such', async () => {
    const many = Array.from({ length: 17 }, (_, index) => `00000000-0000-0000-0000-0000000000${index + 10}`);
    const { arm } = app.ports;
    // Each list takes ten seconds: the first sixteen subscriptions use up the minute.
    let seconds = 0;
    const slow = {
      ...arm,
      list: (...given: Parameters<typeof arm.list>) => {
        seconds += 10;
        return arm.list(...given);
      },
    };
    const process = { ...app.ports.process, now: () => Date.parse(START) + seconds * 1000 };
    const run = await sweep({ ...SETTINGS, subscriptions: many }, app.environment, {
      ...app.ports,
      arm: slow,
      process,
    });
    expect(run.notices.filter((text) => text.includes('delivers to this app'))).toHaveLength(16);
    expect(run.notices.at(-1)).toBe(
      unsure(`the events of subscription ${many.at(-1) ?? ''}`, 'there was no time left'),
    );
  });
});
