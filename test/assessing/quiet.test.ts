import { beforeEach, describe, expect, test } from 'vitest';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import * as keys from '../../shared/state/keys.ts';
import {
  EVERYTHING,
  GROUP,
  type Monitor,
  monitor,
  OFFICE,
  ORDERS,
  rule,
  serverBody,
  START,
  SUBSCRIPTION,
} from '../fakes.ts';

const FINDINGS = 'DatabaseExposureFindings_CL';
const RUNS = 'DatabaseExposureRuns_CL';
const RULES = `${ORDERS}/firewallRules`;
const SETTINGS = { subscriptions: [SUBSCRIPTION], managementGroups: [] };

let app: Monitor;

beforeEach(async () => {
  app = monitor('as ever');
  app.bodies.set(ORDERS, serverBody(ORDERS));
  app.lists.set(RULES, [OFFICE]);
  await sweepNow();
  await app.pass(900);
  app.reads.length = 0;
});

async function sweepNow(): Promise<void> {
  await sweep(SETTINGS, app.environment, app.ports);
  await app.pass(1);
}

/** Sweeps until the Activity Log has been asked often enough who made the last changes. */
async function settle(): Promise<void> {
  for (let count = 0; count < 4; count += 1) {
    await sweepNow();
    await app.pass(900);
  }
  app.reads.length = 0;
}

const opened = (): readonly unknown[] =>
  app.rows(FINDINGS, { Change: 'Opened', RuleId: 'internet-reachable' }).map(({ ServerId }) => ServerId);

/** Makes the text of the stored state unreadable: whoever reads it fails. */
async function spoilState(): Promise<void> {
  const [row] = app.table.peek(SUBSCRIPTION, ...keys.ALL_SERVERS);
  if (!row) throw new Error('no state is stored');
  await app.table.transact(SUBSCRIPTION, [{ do: 'put', ...row, text: 'spoilt' }]);
}

describe('a sweep that finds a server as it was', () => {
  test('reads its rules, and neither its body nor its state', async () => {
    await spoilState();
    await sweepNow();
    expect(app.reads).toEqual([RULES]);
    expect(app.messages).toEqual([]);
  });

  test('reads nothing behind a closed switch, but once a day', async () => {
    app.bodies.set(ORDERS, serverBody(ORDERS, 'Disabled'));
    await settle();
    await sweepNow();
    expect(app.reads).toEqual([]);
    await app.pass(86_400);
    await sweepNow();
    expect(app.reads).toContain(RULES);
  });
});

describe('a sweep reads the whole server', () => {
  test.each<{ readonly when: string; readonly change: () => Promise<void> | void }>([
    { when: 'rules differ', change: () => void app.lists.set(RULES, [OFFICE, rule('lab', '198.51.100.7')]) },
    {
      when: 'Resource Graph differs',
      change: () => void app.bodies.set(ORDERS, serverBody(ORDERS, 'Disabled')),
    },
    {
      when: 'the policy, scope or version differ',
      change: () => void Object.assign(app.environment, { circumstances: 'new' }),
    },
    { when: 'it was read six hours ago', change: () => app.pass(6 * 3600) },
    {
      when: 'its rules may not be read',
      change: () =>
        void app.faults.set(RULES, {
          answer: { outcome: 'denied', reason: 'denied (403)', at: START },
          times: 9,
        }),
    },
  ])('when $when', async ({ change }) => {
    await change();
    await sweepNow();
    expect(app.reads).toContain(ORDERS);
  });

  test('and what a rule opened is told', async () => {
    app.lists.set(RULES, [OFFICE, EVERYTHING]);
    await sweepNow();
    expect(opened()).toEqual([ORDERS]);
  });

  test('while something waits for a second reading', async () => {
    app.lists.set(RULES, [OFFICE, EVERYTHING]);
    await sweepNow();
    await app.pass(900);
    app.lists.set(RULES, [OFFICE]);
    await sweepNow();
    app.drop(app.messages[0]);
    app.reads.length = 0;
    await sweepNow();
    expect(app.reads).toContain(ORDERS);
  });
});

test('rules that do not answer, whatever the attempt, make the server unreadable', async () => {
  app.faults.set(RULES, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 99 });
  await sweepNow();
  await app.pass(120);
  await publishPending(app.environment, app.ports);
  expect(app.rows(RUNS, { Kind: 'Sweep' }).at(-1)).toMatchObject({ Assessed: 0, Unreadable: 1, Skipped: 0 });
});

test('a state of a newer version is asked for three times in a sweep, and then left to the next one', async () => {
  const [row] = app.table.peek(SUBSCRIPTION, ...keys.ALL_SERVERS);
  if (!row) throw new Error('no state is stored');
  const text = JSON.stringify({ ...(JSON.parse(row.text) as object), version: 99 });
  await app.table.transact(SUBSCRIPTION, [{ do: 'put', ...row, columns: {}, text }]);
  await sweep(SETTINGS, app.environment, app.ports);
  const attempts: (number | undefined)[] = [];
  for (let message = app.messages[0]; message; message = app.messages[0]) {
    attempts.push(message.request.attempt);
    await app.pass((message.dueAt - Date.parse(app.time())) / 1000 + 1);
  }
  expect(attempts).toEqual([undefined, 2, 3]);
});

test('of many servers only those that changed have their states read', async () => {
  const others = Array.from(
    { length: 8 },
    (_, index) => `${GROUP}/microsoft.dbformysql/flexibleservers/db${index}`,
  );
  for (const id of others) {
    app.bodies.set(id, serverBody(id));
    app.lists.set(`${id}/firewallRules`, [OFFICE]);
  }
  await settle();
  await spoilState();
  const changed = others.filter(
    (id) => keys.serverRow(id) !== app.table.peek(SUBSCRIPTION, ...keys.ALL_SERVERS)[0]?.row,
  );
  for (const id of changed.slice(0, 2)) app.lists.set(`${id}/firewallRules`, [OFFICE, EVERYTHING]);
  await sweepNow();
  expect(opened().toSorted()).toEqual(changed.slice(0, 2).toSorted());
});
