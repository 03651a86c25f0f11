import { expect, test } from 'vitest';
import { stableJson } from '../../shared/text.ts';
import { violations } from './check.ts';
import type { Kind, Run } from './run.ts';
import { play, SCENARIOS, type Scenario } from './scenarios.ts';
import { START } from './world.ts';

const HARM = ['crash before', 'crash after', 'error', 'stale'] as const;

/** What every finding came to, whatever the way. */
function endOf(run: Run): string {
  const last = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { table, row } of run.stored) {
    if (table !== 'DatabaseExposureFindings_CL' || row.Change === 'Refreshed') continue;
    const known = last.get(String(row.FindingId));
    if (!known || Number(known.EpochSeq) < Number(row.EpochSeq)) last.set(String(row.FindingId), row);
  }
  const open = [...last.values()].filter(({ State }) => State !== 'Resolved');
  return stableJson(
    open
      .map(({ RuleId, Subject, Severity, Evidence }) => [RuleId, Subject, Severity, Evidence])
      .sort((a, b) => (stableJson(a) < stableJson(b) ? -1 : 1)),
  );
}

/** Calls worth a try: the readings and their messages, the sweep after, and the drains that have something to send. */
function counts(kind: Kind, minutes: number): boolean {
  if (kind === 'assess' || kind === 'door') return minutes >= 1;
  return kind === 'sweep' ? minutes >= 15 && minutes < 16 : minutes >= 1 && minutes < 3;
}

/** Plays a scenario with one call harmed; the ports that were called, in their order. */
async function playWith(
  scenario: Scenario,
  harm: (typeof HARM)[number] | undefined,
  target: number,
): Promise<{ readonly run: Run; readonly ports: readonly string[] }> {
  const ports: string[] = [];
  let stale = false;
  let now = (): number => START;
  const run = await play(
    scenario,
    {
      tamper(kind, port) {
        if (!counts(kind, (now() - START) / 60_000)) return undefined;
        const isTarget = ports.length === target;
        ports.push(port);
        stale = isTarget && harm === 'stale';
        if (!isTarget || harm === undefined || harm === 'stale') return undefined;
        if (harm !== 'error') return harm;
        return port === 'table.query' ? 'error before' : 'error after';
      },
      stale: () => stale,
    },
    (clock) => {
      now = clock;
    },
  );
  return { run, ports };
}

test.each(SCENARIOS)(
  '$when: harm at any port call changes nothing in the end',
  async (scenario) => {
    const clean = await playWith(scenario, undefined, -1);
    expect(violations(clean.run)).toEqual([]);
    const wanted = endOf(clean.run);
    const wrong: string[] = [];
    for (const [index, port] of clean.ports.entries()) {
      for (const harm of HARM) {
        // Dying before a call is dying after the one before it.
        if (harm === 'crash before' && index > 0) continue;
        if (harm === 'stale' && !port.startsWith('arm')) continue;
        if (harm === 'error' && !/^(table|queue)/.test(port)) continue;
        const { run } = await playWith(scenario, harm, index);
        const found = violations(run).map(({ invariant, what }) => `${invariant} ${what}`);
        if (endOf(run) !== wanted) found.push(`${endOf(run)}, not ${wanted}`);
        if (found.length > 0) wrong.push(`${harm} at call ${index} (${port}): ${found.join('; ')}`);
      }
    }
    expect(wrong).toEqual([]);
  },
  120_000,
);
