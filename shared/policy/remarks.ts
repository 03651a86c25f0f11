import { formatRange } from '../ip-range.ts';
import { rangeOf } from './interpret.ts';
import type { JsonPath } from './json-text.ts';
import type { ParsedPolicy } from './parsed-policy.ts';
import { patternFault } from './safe-pattern.ts';
import type { PolicyFile } from './schema.ts';
import { settingsOf } from './settings.ts';

const DAY = 86_400_000;
const LONG_DAYS = 90;
const SOON_DAYS = 7;

/** What is to be said of one place of the file. */
export type Remark = readonly [path: JsonPath, text: string];

/** What no JSON Schema can say. */
export function faultsOf(file: PolicyFile): readonly Remark[] {
  const { namePatterns } = settingsOf(file.rules ?? {})['stale-temporary-rule'];
  const patterns = namePatterns.flatMap((pattern, index): Remark[] => {
    const fault = patternFault(pattern);
    return fault === undefined ? [] : [[['rules', 'stale-temporary-rule', 'namePatterns', index], fault]];
  });
  const reversed = rangesOf(file).flatMap(([path, text]): Remark[] =>
    rangeOf(text) ? [] : [[path, 'must not end before it begins']],
  );
  return [...patterns, ...reversed];
}

function rangesOf(file: PolicyFile): readonly Remark[] {
  const approved = (file.approvedRanges ?? []).map((text, index): Remark => [
    ['approvedRanges', index],
    text,
  ]);
  const exempted = (file.exemptions ?? []).flatMap(({ upTo }, index) =>
    (upTo?.ranges ?? []).map((text, place): Remark => [['exemptions', index, 'upTo', 'ranges', place], text]),
  );
  return [...approved, ...exempted];
}

/** What is valid and probably not meant; `now` in milliseconds since 1970. */
export function warningsOf(file: PolicyFile, policy: ParsedPolicy, now: number): readonly Remark[] {
  const exemptions = policy.exemptions.flatMap(({ rule, endsAt }, index): Remark[] => {
    const path = ['exemptions', index];
    if (endsAt <= now) return [[[...path, 'expires'], 'is over: the exemption covers nothing']];
    const soon = endsAt - now <= SOON_DAYS * DAY;
    const long = endsAt - now > LONG_DAYS * DAY;
    const off = policy.disabledRules.includes(rule);
    return [
      ...(soon ? [[[...path, 'expires'], `ends within ${SOON_DAYS} days`] as const] : []),
      ...(long ? [[[...path, 'expires'], `is more than ${LONG_DAYS} days away`] as const] : []),
      ...(off ? [[[...path, 'rule'], 'is switched off: the exemption covers nothing'] as const] : []),
    ];
  });
  const patterns = [
    ...(file.exemptions ?? []).map(({ server }, index) => [['exemptions', index, 'server'], server] as const),
    ...(file.servers ?? []).map(({ match }, index) => [['servers', index, 'match', 'id'], match.id] as const),
  ].flatMap(([path, text]): Remark[] =>
    text === undefined || /^[*/]/.test(text)
      ? []
      : [[path, 'matches no server: resource ids begin with "/"']],
  );
  const masked = rangesOf(file).flatMap(([path, text]): Remark[] => {
    const range = text.includes('/') ? rangeOf(text) : undefined;
    const meant = range && formatRange(range);
    const isExact = meant === undefined || text === meant || text.endsWith('/32');
    return isExact ? [] : [[path, `is taken as ${meant}`]];
  });
  return [...exemptions, ...patterns, ...masked];
}
