import { describe, expect, test } from 'vitest';
import { familyOf } from '../../shared/families/index.ts';
import { approveBaseline } from '../../shared/http/approve-baseline.ts';
import { exposureTag } from '../../shared/http/exposure-tag.ts';
import { policyOf } from '../../shared/policy.ts';
import type { Delivery, Ports } from '../../shared/ports.ts';
import { parseResourceId, type ResourceId } from '../../shared/resource-id.ts';
import * as registry from '../../shared/rules/index.ts';
import { type FindingRecord, newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import { pendingRows } from '../../shared/publishing/publish.ts';
import { readState, writeState } from '../../shared/state/store.ts';
import { open } from '../../shared/lifecycle/transitions.ts';
import { AT, baseline, type Given, network, SERVER, SUBSCRIPTION } from '../builders.ts';
import { headersOf } from './answer.ts';
import { type MemoryTable, memoryTable } from '../simulation/memory-table.ts';

// What happens between the reading of a state and its commit: on a table in memory whose calls can be watched.
const NOW = Date.parse('2026-05-20T13:00:00.000Z');
const WIDER: Given = { fw: ['203.0.113.5', '198.51.100.0-198.51.100.255'] };

function resource(): ResourceId {
  const parsed = parseResourceId(SERVER.id);
  if (!parsed || !familyOf(parsed.type)) throw new Error('no server');
  return parsed;
}

const state = (given: Given): ServerState => ({
  ...newState(SERVER),
  live: true,
  observedAt: AT,
  completedAt: AT,
  network: network(given),
  baseline: baseline({ fw: ['203.0.113.5'] }),
});

function ports(table: MemoryTable, delivery: Delivery | Error = { accepted: true }): Ports {
  const nobody = (): never => {
    throw new Error('an approval asks nobody');
  };
  return {
    table,
    queue: { send: nobody },
    sink: { send: () => (delivery instanceof Error ? Promise.reject(delivery) : Promise.resolve(delivery)) },
    arm: { get: nobody, list: nobody },
    graph: { query: nobody },
    process: { now: () => NOW, random: () => 0 },
    log: () => undefined,
    calls: { graph: 0, management: 0, throttled: 0 },
    deadLetters: nobody,
  };
}

const rules = Object.values(registry);
const environment = {
  scope: [SUBSCRIPTION],
  rules,
  policy: policyOf(undefined),
  baselineMode: 'first-seen' as const,
  actorDetail: 'full' as const,
  problems: [],
  notices: [],
  tenants: {},
};

interface Scene {
  readonly table: MemoryTable;
  /** Changes the stored state, as an assessment that commits does. */
  readonly change: (next: (known: ServerState) => ServerState) => Promise<void>;
}

/** A table whose n-th reading of the server's state is followed at once by somebody else's write. */
async function scene(between: (scene: Scene, reading: number) => Promise<void>): Promise<MemoryTable> {
  const table = memoryTable(() => NOW);
  const direct = { ...table };
  await writeState(direct, { state: state(WIDER), etag: undefined });
  const change: Scene['change'] = async (next) => {
    const { stored } = await readState(direct, SERVER);
    await writeState(direct, { state: next(stored.state), etag: stored.etag });
  };
  let reading = 0;
  return {
    ...table,
    async query(partition, from, to, columnsOnly) {
      const answer = await direct.query(partition, from, to, columnsOnly);
      if (!from.startsWith('s|')) return answer;
      reading += 1;
      await between({ table, change }, reading);
      return answer;
    },
  };
}

const etag = exposureTag(state(WIDER));

async function approved(
  table: MemoryTable,
  delivery?: Delivery | Error,
): Promise<{ status: number | undefined; retryAfter: string | null }> {
  const caller = { id: 'alex', roles: [] };
  const door = { environment, ports: ports(table, delivery), caller };
  const answer = await approveBaseline(resource(), etag, 'As planned', door);
  return { status: answer.status, retryAfter: headersOf(answer).get('retry-after') };
}

describe('an assessment that commits in between', () => {
  test('and changes the exposure: what was seen is not approved', async () => {
    const table = await scene(async ({ change }, reading) => {
      if (reading > 1) return;
      await change((known) => ({ ...known, network: network({ fw: ['203.0.113.5'] }) }));
    });
    expect((await approved(table)).status).toBe(412);
    const { stored } = await readState(table, SERVER);
    expect(stored.state.baseline?.approvedBy).toBeUndefined();
  });

  test('and changes nothing of it: the approval goes on from there', async () => {
    const table = await scene(async ({ change }, reading) => {
      if (reading > 1) return;
      await change((known) => ({ ...known, bodyHash: 'another' }));
    });
    expect((await approved(table)).status).toBe(200);
    const { stored } = await readState(table, SERVER);
    expect(stored.state).toMatchObject({ bodyHash: 'another', baseline: { approvedBy: 'alex' } });
  });

  test('again and again: the caller has to come back', async () => {
    const table = await scene(({ change }, reading) =>
      change((known) => ({ ...known, bodyHash: String(reading) })),
    );
    expect(await approved(table)).toEqual({ status: 503, retryAfter: '5' });
  });
});

describe('an approval is stored, whatever becomes of its rows', () => {
  test.each<{ when: string; delivery: Delivery | Error }>([
    { when: 'Log Analytics does not answer', delivery: { accepted: false, reason: 'later', status: 503 } },
    { when: 'the sink throws', delivery: new Error('no route') },
  ])('$when', async ({ delivery }) => {
    const table = await scene(() => Promise.resolve());
    const opened = {
      ...state(WIDER),
      baseline: baseline({ pna: 'Disabled' }),
      findings: [openFinding()],
    };
    const { stored } = await readState(table, SERVER);
    await writeState(table, { state: opened, etag: stored.etag });
    expect((await approved(table, delivery)).status).toBe(200);
    expect((await pendingRows(table)).rows).toBe(1);
    const after = await readState(table, SERVER);
    expect(after.stored.state.findings[0]).toMatchObject({ state: 'Resolved', reason: 'Approved' });
  });
});

/** What a rule would have opened; the rules are asked again, so that its words do not matter. */
function openFinding(): FindingRecord {
  const violation = { summary: '', evidence: {} };
  const ruleId = registry.publicAccessSwitchedOn.id;
  return open(undefined, {
    server: SERVER,
    rule: registry.publicAccessSwitchedOn,
    finding: { ruleId, status: 'open', severity: 'High', violation },
    coverage: { exemption: null },
    times: { observedAt: AT, completedAt: AT, now: AT },
    inventory: false,
  }).record;
}
