import { beforeAll, describe, expect, test } from 'vitest';
import { churn, type Churn, DAY, HOUR, MINUTE, type Size, sizesOf, START } from '../state/churn.ts';
import { endpointId, serverId } from '../state/churning-azure.ts';

const HERE = '11111111-1111-4111-8111-111111111111';
const ELSEWHERE = '33333333-3333-4333-8333-333333333333';
const STEP = 10 * DAY;
const STEPS_A_MONTH = 3;
const MONTHS = 9;

const MAIN = serverId(HERE, 'main');
/** One of its endpoints answers 403 for good. */
const HALF = serverId(HERE, 'half');
/** Answers 403 itself. */
const LOST = serverId(HERE, 'lost');
const SERVER = 'Microsoft.DBforMySQL/flexibleServers';
const ENDPOINT = 'Microsoft.Network/privateEndpoints';

/** Names have one length: what grows is not theirs. */
const numbered = (name: string, step: number): string => `${name}-${String(step + 10).padStart(4, '0')}`;
const passing = (step: number): string => serverId(HERE, numbered('passing', step));
const here = (name: string, step: number): string => endpointId(HERE, numbered(name, step));
/** A subscription that is in scope for one month. */
const guestOf = (month: number): string =>
  `22222222-2222-4222-8222-22222222${String(month).padStart(4, '0')}`;

function createServer({ estate }: Churn, id: string): void {
  const rules = new Map([['office', ['8.8.8.8', '8.8.8.8'] as const]]);
  if (!estate.servers.has(id)) estate.servers.set(id, { access: 'Enabled', rules, shows: new Set() });
}

/** A rule for a run of a pipeline, and the one before it is taken away. */
function turnRules(run: Churn, step: number): void {
  for (const id of [MAIN, HALF]) {
    const rules = run.estate.servers.get(id)?.rules;
    rules?.delete(numbered('ci', step - 1));
    rules?.set(numbered('ci', step), ['9.9.9.9', step % 2 === 0 ? '9.9.9.9' : '9.9.30.9']);
    run.event(`${id}/firewallRules/${numbered('ci', step)}`, `${SERVER}/firewallRules/write`);
  }
}

/** One endpoint that its server shows, one that only names it, those of servers that are denied, and of one that passes. */
function turnEndpoints(run: Churn, step: number): void {
  const { endpoints, servers, denied } = run.estate;
  const replace = (name: string, target: string, lives: number): void => {
    const before = here(name, step - lives);
    if (endpoints.delete(before)) run.event(before, `${ENDPOINT}/delete`);
    endpoints.set(here(name, step), target);
    run.event(here(name, step), `${ENDPOINT}/write`);
  };
  replace('shown', MAIN, 1);
  replace('named', MAIN, 1);
  replace('unseen', LOST, 1);
  replace('orphan', passing(step), 2);
  for (const [name, target] of [
    ['shown', MAIN],
    ['orphan', passing(step)],
  ] as const) {
    servers.get(target)?.shows.clear();
    servers.get(target)?.shows.add(here(name, step));
  }
  const locked = endpointId(HERE, 'locked');
  endpoints.set(locked, HALF);
  denied.add(locked).add(LOST);
}

/** Events of what never was, and of an endpoint whose server is out of scope. */
function mislead(run: Churn, step: number): void {
  run.event(serverId(HERE, numbered('ghost', step)), `${SERVER}/delete`);
  run.event(here('ghost', step), `${ENDPOINT}/write`);
  const stranger = endpointId(HERE, 'stranger');
  run.estate.endpoints.set(stranger, serverId(ELSEWHERE, numbered('far', step)));
  run.event(stranger, `${ENDPOINT}/write`);
}

/** Switches of public access, as the change table keeps them for 14 days. */
function turnSwitches({ estate: { switched }, clock }: Churn, step: number): void {
  for (const [id, at] of switched) if (clock.now() - Date.parse(at) > 14 * DAY) switched.delete(id);
  switched.set(passing(step), new Date(clock.now()).toISOString());
}

function turnGuest(run: Churn, month: number): void {
  const [before, guest] = [guestOf(month - 1), guestOf(month)];
  if (run.subscriptions.includes(guest)) return;
  run.estate.servers.delete(serverId(before, 'guest'));
  run.estate.endpoints.delete(endpointId(before, 'guest'));
  createServer(run, serverId(guest, 'guest'));
  run.estate.endpoints.set(endpointId(guest, 'guest'), serverId(guest, 'guest'));
  run.subscriptions = [HERE, guest];
  run.event(serverId(guest, 'guest'), `${SERVER}/write`);
}

function turnPolicy(run: Churn): void {
  const exemption = {
    rule: 'wide-public-range',
    server: '*/main',
    upTo: { ranges: ['8.8.8.8', '9.9.0.0/16'] },
    reason: 'Ends before the next one begins.',
    owner: 'dana@contoso.example',
    expires: new Date(run.clock.now() + 4 * DAY).toISOString().slice(0, 10),
  };
  run.policy = { exemptions: [exemption] };
}

/** Messages that never succeeded: one that is none, one of a server that lives, one of a server that is gone. */
async function fail(run: Churn, step: number): Promise<void> {
  const requestedAt = new Date(run.clock.now()).toISOString();
  await run.poison(JSON.stringify({ no: numbered('message', step) }));
  for (const id of step === 0 ? [MAIN] : [MAIN, passing(step - 1)])
    await run.poison(JSON.stringify({ resources: [{ id }], reason: 'event', requestedAt }));
}

async function move(run: Churn, step: number): Promise<void> {
  for (const id of [MAIN, HALF, LOST, passing(step)]) createServer(run, id);
  turnGuest(run, Math.floor(step / STEPS_A_MONTH));
  turnPolicy(run);
  turnRules(run, step);
  turnEndpoints(run, step);
  turnSwitches(run, step);
  if (run.estate.servers.delete(passing(step - 1))) run.event(passing(step - 1), `${SERVER}/delete`);
  mislead(run, step);
  await fail(run, step);
  await run.scan([]);
  await run.scan([MAIN, passing(step)]);
}

let run: Churn;
/** After each month. */
const months: Readonly<Record<string, Size>>[] = [];

beforeAll(async () => {
  run = churn([HERE]);
  const { clock } = run;
  const end = START + MONTHS * STEPS_A_MONTH * STEP;
  for (let at = START; at < end; at += DAY) {
    clock.at(at + 3 * MINUTE, () => void run.sweep());
    clock.at(at + 40 * MINUTE, () => void run.publish());
  }
  for (let step = 0; step < MONTHS * STEPS_A_MONTH; step += 1)
    clock.at(START + step * STEP + HOUR, () => void move(run, step));
  for (let month = 1; month <= MONTHS; month += 1) {
    await clock.runUntil(START + month * STEPS_A_MONTH * STEP - MINUTE);
    months.push(sizesOf(run));
  }
}, 300_000);

/** Kept as long as the subscription is known: one each, whatever happens in it. */
const ONE_A_SUBSCRIPTION = ['monitor scope', 'server i', 'server m'];

describe('nine months of an estate in which names come, go and never come again', () => {
  test('everything happened', () => {
    expect(run.errors).toEqual([]);
    expect(run.queue.waiting()).toBe(0);
    const told = new Set(run.told.map((row) => `${String(row['Change'])} ${String(row['Reason'])}`));
    for (const what of ['Opened FirstSeen', 'Opened ', 'Resolved Fixed', 'Resolved Deleted'])
      expect(told).toContain(what);
    expect(told).toContain('Resolved OutOfScope');
    expect(told).toContain('Updated ExemptionEnded');
    expect(run.told.some((row) => row['RuleId'] === 'endpoint-orphaned')).toBe(true);
    expect(run.told.some((row) => row['Kind'] === 'Scan')).toBe(true);
  });

  test('every kind of row is known', () => {
    const kinds = new Set(months.flatMap((sizes) => Object.keys(sizes)));
    expect([...kinds].sort()).toEqual([
      'dependents s',
      'monitor heartbeat',
      'monitor p',
      'monitor scope',
      'monitor x',
      'runs b',
      'runs r',
      'server a',
      'server i',
      'server m',
      'server n',
      'server s',
    ]);
  });

  test.each([6, 9])('after month %i there is no more of any kind than after month 3', (month) => {
    const [before, after] = [months[2] ?? {}, months[month - 1] ?? {}];
    const grown = Object.entries(after).filter(
      ([kind, { rows, bytes }]) =>
        !ONE_A_SUBSCRIPTION.includes(kind) &&
        (rows > (before[kind]?.rows ?? 0) || bytes > (before[kind]?.bytes ?? 0) * 1.01),
    );
    expect(grown).toEqual([]);
  });

  test('what is kept of a subscription for good is a line', () => {
    const known = MONTHS + 1;
    for (const kind of ONE_A_SUBSCRIPTION) {
      const { rows, bytes } = months.at(-1)?.[kind] ?? { rows: 0, bytes: 0 };
      expect(rows).toBeLessThanOrEqual(known);
      expect(bytes).toBeLessThan(known * 150);
    }
  });
});
