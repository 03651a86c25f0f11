import { stableJson } from '../../shared/text.ts';
import * as keys from '../../shared/state/keys.ts';
import { authorsAreRight } from './check-authors.ts';
import type { Run } from './run.ts';
import {
  aroundLoss,
  epochsGrow,
  type Interval,
  isAfterLoss,
  isToldAnew,
  lostMoves,
  straddling,
} from './check-loss.ts';
import {
  type ByFinding,
  deduplicated,
  inOrder,
  nameOf,
  type Transition,
  transitionOf,
} from './transitions.ts';
import { expectedOf, INSTANT, openIn, stateOf } from './truth.ts';
import { type Facts, SERVERS, START, SUBSCRIPTIONS, type World, type WorldServer } from './world.ts';

/** One breach of an invariant, in words. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

const STALE_MS = 60_000;
/** A reading is observed when its first call answers; the others answer within this. */
const TOGETHER_MS = 2000;
const SECOND = 1000;
const MINUTE = 60_000;
/** An exposure that lasts longer is reported while it lasts; a lost event leaves it to Resource Graph, which lags 30 min at most here. */
const LATE_MS = 75 * MINUTE;
const GRAPH_LAG_MS = 30 * MINUTE;

/** Every invariant that a run broke; empty when it held them all. */
export function violations(run: Run): readonly Violation[] {
  const rows = run.stored.filter(({ table }) => table === 'DatabaseExposureFindings_CL').map(transitionOf);
  const moves = rows.filter(({ change }) => change !== 'Refreshed');
  const byFinding = inOrder(run.options.ablation?.rawRows ? moves : deduplicated(moves));
  const told = run.loss ? inOrder(deduplicated([...moves, ...lostMoves(run.loss)])) : byFinding;
  const excused = straddling(run, told);
  const found: Violation[] = [...equalPayloads(run, rows), ...nothingLeft(run), ...bounded(run)];
  for (const [findingId, list] of told) {
    if (excused.has(findingId)) continue;
    found.push(...gapless(list), ...alternates(list), ...noPhantom(run, list), ...noFlap(run, list));
    found.push(...unknownIsNotSafe(run, list));
    found.push(...authorsAreRight(run, list).map((what) => ({ invariant: 'author', what })));
    found.push(...epochsGrow(run, list).map((what) => ({ invariant: 'epoch', what })));
  }
  found.push(...run.schemas.breaches.map((what) => ({ invariant: 'I12', what })));
  found.push(...converged(run, byFinding, excused), ...lateBound(run, byFinding, excused));
  found.push(...changeRows(run), ...runRows(run));
  return found;
}

const MAY_DIFFER = ['LastSeen', 'TimeGenerated', 'Source', 'AppVersion'];

/** I3. */
function equalPayloads(run: Run, rows: readonly Transition[]): readonly Violation[] {
  const payloads = new Map<string, string>();
  const found: Violation[] = [];
  for (const item of rows) {
    const key = `${item.findingId}|${item.epochSeq}|${item.change}`;
    const free = item.change === 'Refreshed' ? [...MAY_DIFFER, 'Reach'] : MAY_DIFFER;
    const payload = stableJson(Object.entries(item.row).filter(([column]) => !free.includes(column)));
    if ((payloads.get(key) ?? payload) !== payload)
      found.push({ invariant: 'I3', what: `${nameOf(item)} has two contents` });
    payloads.set(key, payload);
  }
  return found;
}

/** I2: in each epoch. */
function gapless(list: readonly Transition[]): readonly Violation[] {
  const wrong = list.find(({ seq, epoch }, index) => {
    const before = list[index - 1];
    return seq !== (before?.epoch === epoch ? before.seq : 0) + 1;
  });
  return wrong ? [{ invariant: 'I2', what: `${nameOf(wrong)} leaves a gap` }] : [];
}

/** I4: in each epoch. */
function alternates(list: readonly Transition[]): readonly Violation[] {
  let open = false;
  let epoch = 0;
  for (const item of list) {
    if (item.epoch !== epoch) open = false;
    epoch = item.epoch;
    const isRight = item.change === 'Exempted' || (item.change === 'Opened' ? !open : open);
    if (!isRight) return [{ invariant: 'I4', what: `${nameOf(item)} does not follow` }];
    open = item.change !== 'Resolved';
  }
  return [];
}

/** I2, I10, and the rest of what must be empty when all is calm. */
function nothingLeft(run: Run): readonly Violation[] {
  const kinds = [
    ['o|', 'I2', 'an outbox row'],
    ['k|', 'I2', 'a parked row'],
    ['w|', 'changes', 'an event that waits for a reading'],
  ] as const;
  const found: Violation[] = kinds.flatMap(([prefix, invariant, what]) =>
    [...SUBSCRIPTIONS, keys.MONITOR].flatMap((partition) =>
      run.table
        .peek(partition, prefix, `${prefix}~`)
        .map(({ text }) => ({ invariant, what: `${what} is left: ${text.slice(0, 200)}` })),
    ),
  );
  found.push(...failuresLeft(run));
  const blameless = run.poisoned.filter((message) => message.blameless);
  found.push(
    ...blameless.map(({ text }) => ({
      invariant: 'retry',
      what: `poison without a cause: ${text.slice(0, 300)}`,
    })),
  );
  return found;
}

/** A server's record ends with its next good assessment; one of an endpoint that leads to no server waits for `redrive`. */
function failuresLeft({ table }: Run): readonly Violation[] {
  const rows = SUBSCRIPTIONS.flatMap((partition) => table.peek(partition, ...keys.ALL_FAILED));
  return rows
    .filter(({ text }) => SERVERS.some(({ id }) => text.includes(`"serverId":"${id}"`)))
    .map(({ text }) => ({ invariant: 'failed', what: `a failed assessment is left: ${text.slice(0, 200)}` }));
}

/** I10. */
function bounded(run: Run): readonly Violation[] {
  const largest = Math.max(0, ...run.stored.map(({ bytes }) => bytes));
  const found: Violation[] = [];
  if (run.table.largest() >= 900 * 1024)
    found.push({ invariant: 'I10', what: `a row of ${run.table.largest()} characters in state` });
  if (largest >= 32 * 1024) found.push({ invariant: 'I10', what: `a row of ${largest} bytes in the log` });
  return found;
}

const BY_ID = new Map(SERVERS.map((server) => [server.id, server]));

/** I5: what was reported was true at some instant before it was observed, each fact at one of its own. */
function noPhantom(run: Run, list: readonly Transition[]): readonly Violation[] {
  const server = BY_ID.get(list[0]?.serverId ?? '');
  const rule = list[0]?.ruleId ?? '';
  if (!server || !(rule in INSTANT)) return [];
  return list.flatMap((item, index): readonly Violation[] => {
    const committedAt = run.committed.get(`${item.findingId}|${item.epochSeq}`) ?? item.storedAt;
    const facts = run.world.during(server, item.observedAt - STALE_MS - SECOND, committedAt);
    const isSaidAgain = item.reason === 'AuthorFound' || isHalf(run, item);
    const isKept = isAsBefore(item, list[index - 1]) && isSaidAgain;
    return couldBe(server, facts, item, isKept)
      ? []
      : [{ invariant: 'I5', what: `${nameOf(item)} was never true` }];
  });
}

/** Nothing but its state is new: an exemption came or went. */
function isAsBefore(item: Transition, before: Transition | undefined): boolean {
  return (
    before?.severity === item.severity && stableJson(evidenceOf(before)) === stableJson(evidenceOf(item))
  );
}

function isHalf({ readings }: Run, { serverId, observedAt }: Transition): boolean {
  return readings.some(({ server, at, outcome }) => {
    const after = Date.parse(at) - observedAt;
    return server === serverId && outcome === 'half' && after >= 0 && after <= TOGETHER_MS;
  });
}

/** `isKept`: a reading that lacks rules tells of how grave it is what was known before. */
function couldBe(server: WorldServer, facts: readonly Facts[], item: Transition, isKept: boolean): boolean {
  const key = `${item.ruleId}|${item.subject}`;
  return facts.some((body) =>
    facts.some((rules) =>
      facts.some((endpoint) => {
        const severity = openIn(server, { body, rules, endpoint }).get(key);
        if (item.state === 'Resolved') return severity === undefined;
        // The switch alone opens it; how grave it is takes rules, which a reading may lack.
        const isPartial = item.ruleId === 'public-access-enabled' && evidenceOf(item).firewallRules === null;
        return isPartial || isKept ? severity !== undefined : severity === item.severity;
      }),
    ),
  );
}

/** I6: one story of the world explains all that was reported, in order; where facts mix, no more reports than writes. */
function noFlap(run: Run, list: readonly Transition[]): readonly Violation[] {
  const [first] = list;
  const server = BY_ID.get(first?.serverId ?? '');
  const depends = INSTANT[first?.ruleId ?? ''];
  if (!first || !server || !depends) return [];
  const moves = list.filter((item, index) => isOpen(item) !== isOpen(list[index - 1]));
  const writes = run.world.versions(server).length;
  if (moves.length > writes + 1)
    return [{ invariant: 'I6', what: `${nameOf(first)}: ${moves.length} reports of ${writes} versions` }];
  if (depends === 'all') return [];
  let time = 0;
  for (const item of moves) {
    const next = firstMatch(run.world, server, item, time);
    if (next === undefined) return [{ invariant: 'I6', what: `${nameOf(item)} tells again what was over` }];
    time = next;
  }
  return [];
}

function isOpen(item: Transition | undefined): boolean {
  return item !== undefined && item.state !== 'Resolved';
}

/** The first instant, from `after` on and inside the reading's window, at which a report of the body was true. */
function firstMatch(world: World, server: WorldServer, item: Transition, after: number): number | undefined {
  const from = Math.max(after, item.observedAt - STALE_MS - SECOND);
  const to = item.observedAt + TOGETHER_MS;
  const versions = world.versions(server);
  for (const [index, { at, facts }] of versions.entries()) {
    const begins = Math.max(at, from);
    const ends = Math.min(versions[index + 1]?.at ?? Infinity, to);
    if (begins > ends || begins > to) continue;
    const isOpen = openIn(server, { body: facts, rules: facts, endpoint: facts }).has(
      `${item.ruleId}|${item.subject}`,
    );
    if (isOpen === (item.state !== 'Resolved')) return begins;
  }
  return undefined;
}

const CONFIRMED = ['Fixed', 'NotApplicable', 'Superseded'];

/** I7: no end without two strong readings that agree, at least 60 s apart by Azure's clock. */
function unknownIsNotSafe(run: Run, list: readonly Transition[]): readonly Violation[] {
  return list.flatMap((item, index): readonly Violation[] => {
    if (item.change !== 'Resolved') return [];
    const since = list[index - 1]?.observedAt ?? 0;
    // What a server leaves behind is judged by the endpoint: the server itself may be gone for long.
    if (item.ruleId === 'endpoint-orphaned') return [];
    const wanted = item.reason === 'Deleted' ? 'gone' : 'ok';
    if (wanted === 'ok' && !CONFIRMED.includes(item.reason)) return [];
    const apart = wanted === 'gone' ? 162 * SECOND : STALE_MS;
    const readings = run.readings.filter(({ server }) => server === item.serverId);
    const times = readings.filter(({ outcome }) => outcome === wanted).map(({ at }) => Date.parse(at));
    const unlisted = readings.some(
      ({ outcome, at }) =>
        outcome === 'unlisted' && Date.parse(at) >= since && Date.parse(at) >= item.observedAt - SECOND,
    );
    const isSeen = times.some((time) => time >= item.observedAt && time <= item.observedAt + TOGETHER_MS);
    const isConfirmed = times.some((time) => time >= since && time <= item.observedAt - apart);
    if (isSeen && isConfirmed && (wanted === 'ok' || unlisted)) return [];
    return [{ invariant: 'I7', what: `${nameOf(item)} (${item.reason}) without two readings` }];
  });
}

/** An event of a server that Event Grid has not delivered when the run is judged. */
function isAwaited({ plan, delivered }: Run, server: number): boolean {
  return plan.writes.some((write) => write.server === server && !delivered.has(`event-${write.id}`));
}

/** I1: what the sink holds is what the rules say of the world. */
function converged(run: Run, byFinding: ByFinding, excused: ReadonlySet<string>): readonly Violation[] {
  const last = [...byFinding.values()]
    .flatMap((list) => list.at(-1) ?? [])
    .filter((item) => (!run.loss || isAfterLoss(run, item)) && !excused.has(item.findingId));
  return SERVERS.flatMap((server, index): readonly Violation[] => {
    const expected = expectedOf(run, server);
    if (run.world.now(server).exists && !stateOf(run, server))
      return [{ invariant: 'I1', what: `${server.id} was never read` }];
    // Rules behind a switch that is off are read daily and on events: one that is lost, or still on its way, leaves them old.
    const isOff =
      run.world.now(server).access === 'Disabled' && (run.lostEvents.has(index) || isAwaited(run, index));
    const open = last.filter(
      ({ serverId, state, ruleId }) =>
        serverId === server.id && state !== 'Resolved' && !(isOff && ruleId === 'latent-firewall-rules'),
    );
    const missing = [...expected].flatMap(([id, { ruleId, subject }]) =>
      open.some(({ findingId }) => findingId === id) ||
      excused.has(id) ||
      (isOff && ruleId === 'latent-firewall-rules')
        ? []
        : [{ invariant: 'I1', what: `${ruleId} of ${subject} is true and not reported` }],
    );
    const wrong = open.flatMap((item) => {
      const truth = expected.get(item.findingId);
      if (!truth) return [{ invariant: 'I1', what: `${nameOf(item)} is reported and not true` }];
      if (truth.exempted !== (item.state === 'Exempted'))
        return [{ invariant: 'I1', what: `${nameOf(item)} is ${item.state}, and the policy says otherwise` }];
      const isSame = isOff || (truth.severity === item.severity && hasEvidence(item, truth.evidence));
      return isSame
        ? []
        : [
            {
              invariant: 'I1',
              what: `${nameOf(item)} has old content: ${stableJson(item.row.Evidence)}, not ${stableJson(truth.evidence)}`,
            },
          ];
    });
    return [...missing, ...wrong];
  });
}

function evidenceOf({ row }: Transition): Readonly<Record<string, unknown>> {
  return typeof row.Evidence === 'object' && row.Evidence !== null
    ? (row.Evidence as Record<string, unknown>)
    : {};
}

function hasEvidence(item: Transition, truth: Readonly<Record<string, unknown>>): boolean {
  const shown = evidenceOf(item);
  return Object.entries(truth).every(([key, value]) => stableJson(shown[key]) === stableJson(value));
}

/** I8: nothing that lasts is told only when it is over. */
function lateBound(run: Run, byFinding: ByFinding, excused: ReadonlySet<string>): readonly Violation[] {
  const bound = LATE_MS + (run.lostEvents.size > 0 ? GRAPH_LAG_MS : 0);
  const lists = [...byFinding.values()];
  return SERVERS.flatMap((server) =>
    exposures(run, server).flatMap(({ key, from, to }) => {
      if (to - from <= bound || key.startsWith('latent-')) return [];
      const told = lists.find(
        ([item]) => item?.serverId === server.id && `${item.ruleId}|${item.subject}` === key,
      );
      const latest = told?.filter(({ storedAt }) => storedAt <= to).at(-1);
      const isTold = latest !== undefined && (latest.state !== 'Resolved' || excused.has(latest.findingId));
      return isTold
        ? []
        : [
            {
              invariant: 'I8',
              what: `${key} lasted ${Math.round((to - from) / MINUTE)} min until ${new Date(to).toISOString()} and was not reported`,
            },
          ];
    }),
  );
}

/** Intervals in which something was open, as the world had it. */
function exposures(run: Run, server: WorldServer): readonly Interval[] {
  const since = new Map<string, number>();
  const found: Interval[] = [];
  const end = run.clock.now();
  for (const { at, facts } of run.world.versions(server)) {
    const open = openIn(server, { body: facts, rules: facts, endpoint: facts });
    for (const [key, from] of since) {
      if (open.has(key)) continue;
      found.push(...aroundLoss(run, { key, from, to: at }));
      since.delete(key);
    }
    for (const key of open.keys()) if (!since.has(key)) since.set(key, Math.max(at, START));
  }
  for (const [key, from] of since) found.push(...aroundLoss(run, { key, from, to: end }));
  return found;
}

/** Every event that was taken has one row a server that it concerns. */
function changeRows(run: Run): readonly Violation[] {
  const rows = run.stored.filter(({ table }) => table === 'DatabaseExposureChanges_CL').map(({ row }) => row);
  const contents = new Map<string, string>();
  const found: Violation[] = [];
  for (const row of rows) {
    const key = `${String(row.EventId)}|${String(row.ServerId)}`;
    const content = stableJson({ ...row, TimeGenerated: '', AppVersion: '' });
    if ((contents.get(key) ?? content) !== content && !isToldAnew(run, key))
      found.push({ invariant: 'I3', what: `the change row ${key} has two contents` });
    contents.set(key, content);
  }
  const gone = new Set(run.loss?.waiting);
  for (const { row } of run.loss?.outbox ?? []) gone.add(String(row.EventId));
  for (const write of run.plan.writes) {
    const id = `event-${write.id}`;
    if (write.about === 'endpoint' || !run.delivered.has(id) || run.abandoned.has(id)) continue;
    const server = SERVERS[write.server]?.id ?? '';
    if (!contents.has(`${id}|${server}`) && !gone.has(id))
      found.push({ invariant: 'changes', what: `${id} of ${server} left no row` });
  }
  return found;
}

/** Every sweep has one row, and its counts add up. */
function runRows(run: Run): readonly Violation[] {
  const rows = run.stored.filter(
    ({ table, row }) => table === 'DatabaseExposureRuns_CL' && row.Kind !== 'Heartbeat',
  );
  const contents = new Map<string, string>();
  const found: Violation[] = [];
  for (const { row } of rows) {
    const id = String(row.RunId);
    const content = stableJson({ ...row, TimeGenerated: '' });
    if ((contents.get(id) ?? content) !== content)
      found.push({ invariant: 'runs', what: `the run ${id} has two contents` });
    contents.set(id, content);
    const sum = Number(row.Assessed) + Number(row.Unreadable) + Number(row.Skipped);
    if (sum !== row.Expected)
      found.push({
        invariant: 'runs',
        what: `the run ${id} expected ${String(row.Expected)} and counts ${sum}`,
      });
  }
  const old = run.clock.now() - 20 * MINUTE;
  for (const { text } of run.table.peek(keys.RUNS, 'r|', 'r}')) {
    const { runId, startedAt } = JSON.parse(text) as { runId: string; startedAt: string };
    const isMissing = !contents.has(runId) && Date.parse(startedAt) < old;
    if (isMissing && run.options.ablation === undefined)
      found.push({ invariant: 'runs', what: `the run ${runId} has no row` });
  }
  return found;
}

/** For a failing seed's history. */
export function statesOf(run: Run): readonly string[] {
  return SERVERS.map(
    (server) =>
      `${server.id}: ${JSON.stringify(run.world.now(server))} state live ${String(stateOf(run, server)?.live)}`,
  );
}
