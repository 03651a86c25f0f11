import { recollect } from '../../shared/judging/context.ts';
import { evaluate } from '../../shared/evaluate.ts';
import { exposureOf } from '../../shared/exposure.ts';
import { compare } from '../../shared/lifecycle.ts';
import { serverPolicy } from '../../shared/policy.ts';
import type { Change } from '../../shared/asking/request.ts';
import * as registry from '../../shared/rules/index.ts';
import { newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import { firewallRules, type Given, network, server, SUBSCRIPTION, TENANT, unreadable } from '../builders.ts';
import type { Row, Rows } from './queries.ts';
import { at } from './rows.ts';

const RULES = Object.values(registry);
const POLICY = serverPolicy();

/** One reading of a server: its address rules, and what else of it is unusual. */
export interface Seen {
  readonly fw: readonly string[];
  readonly more?: Given;
  readonly inventory?: boolean;
  readonly changes?: readonly Change[];
}

/** The shipped core over servers in memory: what each reading sends lies in `rows`, as the workspace would have it. */
export function pipeline(): {
  readonly rows: Rows;
  readonly read: (name: string, time: string, seen: Seen) => void;
} {
  const states = new Map<string, ServerState>();
  const findings: Row[] = [];
  const servers: Row[] = [];
  const changes: Row[] = [];

  function read(name: string, time: string, seen: Seen): void {
    const ref = server('MF', name);
    const stored = states.get(name) ?? newState(ref);
    const readings = network({ ...seen.more, fw: firewallRules(seen.fw, ref) });
    const snapshot = {
      server: ref,
      observedAt: time,
      completedAt: time,
      found: true,
      network: readings,
      surroundings: { endpoints: {} },
    };
    const reason = seen.changes ? 'event' : 'sweep';
    const events = seen.changes ?? [];
    const exposure = exposureOf(readings, POLICY);
    const around = {
      tenants: { [SUBSCRIPTION]: TENANT },
      scope: [SUBSCRIPTION],
      source: unreadable('not in the inventory'),
      accessChanges: { value: [], at: time },
      confirmedGone: [],
    };
    const known = recollect(stored, snapshot, exposure, 'first-seen', reason, events, around);
    const judged = evaluate(snapshot, known.context, RULES, POLICY, exposure);
    const said = compare(stored, snapshot, judged, RULES, POLICY, () => ({ exemption: null }), {
      reason,
      now: time,
      changes: events,
      runId: seen.changes ? '' : 'run',
      inventory: seen.inventory ?? false,
    });
    const { firstSeen, failures, baseline } = known;
    states.set(name, { ...said.state, firstSeen, failures, baseline });
    findings.push(...[...said.findings, ...said.refreshes].map((row) => at(time, { ...row })));
    if (said.server) servers.push(at(time, { ...said.server }));
    changes.push(...said.changes.map((row) => at(time, { ...row })));
  }

  return {
    read,
    rows: {
      DatabaseExposureFindings_CL: findings,
      DatabaseExposureServers_CL: servers,
      DatabaseExposureChanges_CL: changes,
    },
  };
}

/** A firewall rule written by Alice: the one that comes after ten. */
export function change(name: string, time: string): Change {
  const { id } = server('MF', name);
  return {
    id: `event-${name}-${time}`,
    resource: `${id}/firewallrules/rule-11`,
    time,
    operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write',
    status: 'Succeeded',
    correlationId: '00000000-0000-0000-0000-0000000000c1',
    actor: {
      name: 'alice@example.com',
      id: '00000000-0000-0000-0000-0000000000aa',
      type: 'User',
      address: '203.0.113.9',
    },
  };
}
