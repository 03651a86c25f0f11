import { baselineKind, counted, cutText, listed } from '../judging/evidence.ts';
import { type AccessChange, Unknown } from '../model.ts';
import { isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

const DAYS = 14;
const DAY = 86_400_000;

export const publicAccessFlap = defineRule({
  id: 'public-access-flap',
  code: 'DRF-002',
  title: 'Public access was on for a while',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: 'Find out who opened the server and why, and review the rules that were changed.',
  documentation: 'https://learn.microsoft.com/azure/governance/resource-graph/how-to/get-resource-changes',
  standards: [],
  needs: ['baseline', 'publicAccess', 'exposure', 'accessChanges', 'observedAt'],
  check(facts) {
    const { baseline, observedAt } = facts;
    if (baseline.switch !== 'disabled' || isPublicAccessOn(facts)) return [];
    const since = Date.parse(baseline.approvedAt ?? baseline.observedAt);
    const oldest = Date.parse(observedAt) - DAYS * DAY;
    const flaps = pairs(facts.accessChanges).filter(
      ([on, off]) => Date.parse(on.at) > since && Date.parse(off.at) >= oldest,
    );
    const last = flaps.at(-1);
    if (!last) {
      if (facts.accessChanges.some(({ at, to }) => to === 'unknown' && Date.parse(at) > since))
        throw new Unknown('accessChanges: a value of the switch cannot be interpreted');
      return [];
    }
    return [
      {
        summary: `Public access was switched on and off again ${counted(flaps.length, 'time')} in the last ${DAYS} days, last at ${cutText(last[0].at)}.`,
        evidence: { times: flaps.length },
        notes: {
          baseline: baselineKind(baseline),
          periods: listed(flaps).map(([on, off]) => ({
            on: on.at,
            off: off.at,
            seconds: Math.round((Date.parse(off.at) - Date.parse(on.at)) / 1000),
            by: cutText(on.by),
          })),
        },
      },
    ];
  },
});

/** Each change to enabled with the change to disabled that ended it. */
function pairs(
  changes: readonly AccessChange[],
): readonly (readonly [on: AccessChange, off: AccessChange])[] {
  const found: (readonly [AccessChange, AccessChange])[] = [];
  let on: AccessChange | undefined;
  for (const change of changes) {
    if (change.to === 'enabled') on ??= change;
    else if (change.to === 'disabled' && on) {
      found.push([on, change]);
      on = undefined;
    }
  }
  return found;
}
