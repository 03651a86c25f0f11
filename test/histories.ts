import { compare, type Comparison, type Exempt, type Occasion } from '../shared/lifecycle.ts';
import type { Finding, Rule, Severity, Snapshot, Violation } from '../shared/model.ts';
import { serverPolicy } from '../shared/policy.ts';
import type { Change } from '../shared/asking/request.ts';
import { newState, type ServerState } from '../shared/lifecycle/server-state.ts';
import type { OpenFinding } from '../shared/lifecycle/transitions.ts';
import { AT, type Given, SERVER, snapshot } from './builders.ts';

/** A time so many seconds after `AT`. */
export function at(seconds: number): string {
  return new Date(Date.parse(AT) + seconds * 1000).toISOString();
}

export function rule(id: string, severity: Severity = 'High'): Rule {
  return {
    id,
    code: 'T-1',
    title: `Title of ${id}`,
    severity,
    category: 'exposure',
    subject: 'server',
    fix: 'Undo it.',
    documentation: 'https://learn.microsoft.com/azure/x',
    standards: [],
    needs: ['server'],
    check: () => 'not-applicable',
  };
}

/** What one rule says of a server, or of one of its subjects. */
export function openFinding(ruleId: string, more: Partial<Violation> = {}): OpenFinding {
  const severity = more.severity ?? 'High';
  return {
    ruleId,
    subject: more.subject ?? SERVER.id,
    status: 'open',
    severity,
    violation: { severity, summary: 'It is so.', evidence: { count: 1 }, ...more },
  };
}

export function change(id: string, more: Partial<Change> = {}): Change {
  return {
    id,
    resource: SERVER.id,
    time: at(-10),
    operation: 'Microsoft.DBforMySQL/flexibleServers/write',
    status: 'Succeeded',
    correlationId: `c-${id}`,
    actor: { name: 'dana@contoso.example', id: 'dana', type: 'User', address: '203.0.113.7' },
    ...more,
  };
}

/** One reading: when, what it says of the server, and what led to it. */
export interface Scene {
  /** Seconds after `AT`, by both clocks. */
  readonly at: number;
  readonly given?: Given;
  readonly snapshot?: Snapshot;
  readonly findings?: readonly Finding[];
  readonly rules?: readonly Rule[];
  readonly reason?: Occasion['reason'];
  readonly changes?: readonly Change[];
  /** What the Activity Log told. */
  readonly authors?: readonly Change[];
  readonly inventory?: boolean;
  readonly exempt?: Exempt;
  readonly runId?: string;
  /** Seconds that the storage service's clock is ahead of Azure's. */
  readonly skew?: number;
  /** Seconds from Azure's first to its last answer. */
  readonly takes?: number;
}

const NONE: Exempt = () => ({ exemption: null });

/** Holds one reading against a state. */
export function read(state: ServerState, scene: Scene): Comparison {
  const { findings = [], reason = 'sweep', changes = [], inventory = false, skew = 0, takes = 0 } = scene;
  const seen = scene.snapshot ?? snapshot(scene.given);
  const ids = new Set(findings.map(({ ruleId }) => ruleId));
  const rules = scene.rules ?? [...ids, ...state.findings.map(({ ruleId }) => ruleId)].map((id) => rule(id));
  const timed = { ...seen, observedAt: at(scene.at), completedAt: at(scene.at + takes) };
  return compare(state, timed, findings, rules, serverPolicy(), scene.exempt ?? NONE, {
    reason,
    now: at(scene.at + skew),
    changes,
    runId: scene.runId ?? '',
    inventory,
    ...(scene.authors ? { authors: scene.authors } : {}),
  });
}

export const NEW = newState(SERVER);

/** Readings one after the other, each on what the one before it left. */
export function history(...scenes: readonly Scene[]): readonly Comparison[] {
  let state = NEW;
  return scenes.map((scene) => {
    const comparison = read(state, scene);
    ({ state } = comparison);
    return comparison;
  });
}

/** What a reading publishes of its findings: `Opened`, `Updated Widened`, `Resolved Fixed` ... */
export function told(comparison: Comparison | undefined): readonly string[] {
  return (comparison?.findings ?? []).map(({ Change, Reason }) => `${Change} ${Reason}`.trim());
}
