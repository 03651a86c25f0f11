import { personOf } from './events.ts';
import type { Write } from './plan.ts';
import type { Run } from './run.ts';
import { nameOf, type Transition } from './transitions.ts';
import { INSTANT, openIn } from './truth.ts';
import { type Facts, SERVERS, type WorldServer } from './world.ts';

const MINUTE = 60_000;

/**
 * The author of a row made the write that it names, and one of theirs could open or close what the row tells of, or another one of a
 * thing that they wrote: of two writes of one thing nobody can tell which it was while nothing tells of the other.
 */
export function authorsAreRight(run: Run, list: readonly Transition[]): readonly string[] {
  return list.flatMap((item, index) => {
    const person = item.row.ActorId;
    if (person === '') return [];
    const write = run.plan.writes.find(({ id }) => item.row.CorrelationId === `correlation-${id}`);
    if (!write || SERVERS[write.server]?.id !== item.serverId || personOf(write) !== person)
      return [`${nameOf(item)} names ${String(person)} for what somebody else did, or nobody`];
    const told = item.reason === 'AuthorFound' ? list[index - 1] : item;
    if (!told || !(item.ruleId in INSTANT) || !['Opened', 'Resolved'].includes(told.change)) return [];
    // A stronger finding took its place, whatever became of the rule that it was about.
    if (told.reason === 'Superseded') return [];
    if (isMirage(run, told)) return [];
    const near = run.plan.writes.filter((other) => isNear(write, other));
    const things = new Set(near.filter((other) => personOf(other) === person).map(thingOf));
    const possible = near.filter((other) => things.has(thingOf(other)));
    return possible.some((other) => couldCause(run, other, told))
      ? []
      : [`${nameOf(item)} is not what write ${write.id} did`];
  });
}

/** A stale reading shows the old as new: the write before it, or what was there when nothing was known, or known any more. */
function isMirage({ faults, plan, loss }: Run, { serverId, observedAt, reason, seq }: Transition): boolean {
  if (reason === 'FirstSeen' || (loss && seq === 1)) return true;
  if (!faults.classes.has('arm stale')) return false;
  return plan.writes.some(
    ({ server, at }) =>
      SERVERS[server]?.id === serverId && at <= observedAt + 1000 && at > observedAt - MINUTE,
  );
}

function isNear(a: Write, b: Write): boolean {
  return a.server === b.server && Math.abs(a.at - b.at) < 60 * MINUTE;
}

/** An endpoint and its connection are one thing that two resources tell of. */
function thingOf({ about, rule }: Write): string {
  return about === 'connection' ? 'endpoint' : `${about}${rule ?? ''}`;
}

/** With the write one way, without it the other: among whatever else was true around it. */
function couldCause(run: Run, write: Write, item: Transition): boolean {
  const server = SERVERS[write.server];
  if (!server) return false;
  const versions = run.world.versions(server);
  const index = versions.findIndex(({ at }) => at === write.at);
  const [before, after] = [versions[index - 1]?.facts, versions[index]?.facts];
  // It wrote what was there already: nobody can tell it from one that did not.
  if (!before || !after) return true;
  const committedAt = run.committed.get(`${item.findingId}|${item.epochSeq}`) ?? item.storedAt;
  const around = run.world.during(server, write.at - 10 * MINUTE, committedAt);
  // A server that was deleted and made anew in between looks like one that was changed.
  if (around.some(({ exists }) => !exists)) return true;
  return around.some((one) =>
    around.some((other) => isTurned(server, write, item, [before, after], [one, other])),
  );
}

function isTurned(
  server: WorldServer,
  write: Write,
  { ruleId, subject, change }: Transition,
  [before, after]: readonly [Facts, Facts],
  [one, other]: readonly [Facts, Facts],
): boolean {
  const isOpen = (body: Facts, rules: Facts): boolean =>
    openIn(server, { body, rules, endpoint: body }).has(`${ruleId}|${subject}`);
  const isRight = (without: boolean, withIt: boolean): boolean =>
    without === (change === 'Resolved') && withIt === (change === 'Opened');
  const keys = Object.keys(write.change) as (keyof Facts)[];
  const judge = (facts: Facts): boolean => {
    const written = Object.fromEntries(keys.map((key) => [key, facts[key]]));
    return isOpen({ ...one, ...written }, { ...other, ...written });
  };
  if (isRight(judge(before), judge(after))) return true;
  // Of a rule alone: others may have come and gone between two readings.
  const rule = [...before.rules, ...after.rules].find(({ name }) => name === write.rule);
  if (!rule) return false;
  const rest = { ...other, rules: other.rules.filter(({ name }) => name !== rule.name) };
  const all = { ...other, rules: [...rest.rules, rule] };
  const [earlier, later] = after.rules.includes(rule) ? [rest, all] : [all, rest];
  return isRight(isOpen(one, earlier), isOpen(one, later));
}
