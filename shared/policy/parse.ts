import { formatRange, mergeRanges, parseCidr, parseRange, type IpRange } from '../ip-range.ts';
import type { Rule } from '../model.ts';
import { type JsonPath, type JsonText, readJsonText } from './json-text.ts';
import type { Defaults, Exemption, ParsedPolicy, ServerEntry } from './parsed-policy.ts';
import { patternFault } from './safe-pattern.ts';
import { type ExemptionEntry, type PolicyFile, policySchema } from './schema.ts';
import { DEFAULT_WIDTHS } from './server-policy.ts';
import { settingsOf } from './settings.ts';

/** Errors and warnings are one line each: the line of the file, the key, and what is allowed there. */
export type ParseResult =
  | { readonly policy: ParsedPolicy; readonly warnings: readonly string[] }
  | { readonly errors: readonly string[] };

const MAX_LENGTH = 1_000_000;
const MAX_ERRORS = 100;
const DAY = 86_400_000;
const LONG_DAYS = 90;

/** Parses a policy file for these rules; `now` (ISO 8601) only decides about warnings. */
export function parsePolicy(text: string, rules: readonly Rule[], now: string): ParseResult {
  if (text.length > MAX_LENGTH) return { errors: [`the policy is longer than ${MAX_LENGTH} characters`] };
  const json = readJsonText(text);
  if ('fault' in json) return { errors: [`line ${json.line}: not JSON: ${json.fault}`] };
  const parsed = policySchema(rules).safeParse(json.value);
  if (!parsed.success) {
    const errors = parsed.error.issues.slice(0, MAX_ERRORS).flatMap((issue) => {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      if (issue.code !== 'unrecognized_keys') return [note(json, path, issue.message)];
      return issue.keys.map((key) => note(json, [...path, key], issue.message));
    });
    return { errors: inOrder(errors) };
  }
  const file = parsed.data;
  const errors = faultsOf(file).map(([path, fault]) => note(json, path, fault));
  if (errors.length > 0) return { errors: inOrder(errors) };
  const policy = policyFrom(file);
  const warnings = warningsOf(file, policy, Date.parse(now)).map(([path, text]) => note(json, path, text));
  return { policy, warnings: inOrder(warnings) };
}

interface Note {
  readonly line: number;
  readonly text: string;
}
type Remark = readonly [path: JsonPath, text: string];

/** A key that is not there is said of the line of what should hold it. */
function note(json: JsonText, path: JsonPath, message: string): Note {
  const isThere = json.lineOf(path) !== undefined;
  let depth = path.length;
  while (depth > 0 && json.lineOf(path.slice(0, depth)) === undefined) depth -= 1;
  const line = json.lineOf(path.slice(0, depth)) ?? 1;
  const where = path.length === 0 ? 'the policy' : pathText(path);
  const text = `${where}${isThere ? '' : ' is missing; it'} ${message}`;
  return { line, text: `line ${line}: ${text.replace(/[^ -~]/g, '?')}` };
}

function inOrder(notes: readonly Note[]): readonly string[] {
  return [...notes].sort((a, b) => a.line - b.line).map(({ text }) => text);
}

/** `exemptions[0].upTo.ranges[1]`; a key of other characters is shown as JSON. */
function pathText(path: JsonPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const isPlain = /^[A-Za-z$_][\w$-]{0,79}$/.test(part);
    if (!isPlain) return `${text}[${JSON.stringify(part.slice(0, 80))}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** What no JSON Schema can say. */
function faultsOf(file: PolicyFile): readonly Remark[] {
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

function rangeOf(text: string): IpRange | undefined {
  const [first = '', last] = text.split('-');
  return last === undefined ? parseCidr(first) : parseRange(first, last);
}

function merged(texts: readonly string[]): readonly IpRange[] {
  return mergeRanges(texts.flatMap((text) => rangeOf(text) ?? []));
}

function policyFrom(file: PolicyFile): ParsedPolicy {
  const rules = file.rules ?? {};
  const defaults = setBy(file.defaults ?? {}, { profile: 'private', ...DEFAULT_WIDTHS });
  return {
    defaults,
    approvedRanges: merged(file.approvedRanges ?? []),
    approvedSubscriptions: (file.approvedSubscriptions ?? []).map((id) => id.toLowerCase()),
    servers: (file.servers ?? []).map((entry) => ({
      match: matchOf(entry.match),
      sets: setBy(entry, defaults),
    })),
    disabledRules: Object.entries(rules).flatMap(([id, section]) => (isDisabled(section) ? [id] : [])),
    settings: settingsOf(rules),
    exemptions: (file.exemptions ?? []).map(exemptionOf),
  };
}

function isDisabled(section: unknown): boolean {
  return typeof section === 'object' && section !== null && 'enabled' in section && section.enabled === false;
}

function setBy(
  given: { readonly [K in keyof Defaults]?: Defaults[K] | undefined },
  otherwise: Defaults,
): Defaults {
  return {
    profile: given.profile ?? otherwise.profile,
    maxPublicAddresses: given.maxPublicAddresses ?? otherwise.maxPublicAddresses,
    maxAddressesPerRange: given.maxAddressesPerRange ?? otherwise.maxAddressesPerRange,
  };
}

type GivenMatch = NonNullable<PolicyFile['servers']>[number]['match'];

function matchOf({ id, tags, subscription, resourceGroup }: GivenMatch): ServerEntry['match'] {
  return {
    ...(id === undefined ? {} : { id: id.toLowerCase() }),
    ...(tags === undefined ? {} : { tags }),
    ...(subscription === undefined ? {} : { subscription: subscription.toLowerCase() }),
    ...(resourceGroup === undefined ? {} : { resourceGroup: resourceGroup.toLowerCase() }),
  };
}

function exemptionOf(entry: ExemptionEntry): Exemption {
  const { rule, server = '*', subject, upTo, reason, owner, expires } = entry;
  return {
    rule,
    server: server.toLowerCase(),
    subject: subject?.toLowerCase() ?? null,
    ranges: upTo?.ranges ? merged(upTo.ranges) : null,
    severity: upTo?.severity ?? null,
    reason: reason.trim(),
    owner: owner.trim(),
    expires,
    // A day ends when the next one begins.
    endsAt: Date.parse(expires) + (expires.includes('T') ? 0 : DAY),
  };
}

function warningsOf(file: PolicyFile, policy: ParsedPolicy, now: number): readonly Remark[] {
  const exemptions = policy.exemptions.flatMap(({ rule, endsAt }, index): Remark[] => {
    const path = ['exemptions', index];
    if (endsAt <= now) return [[[...path, 'expires'], 'is over: the exemption covers nothing']];
    const long = endsAt - now > LONG_DAYS * DAY;
    const off = policy.disabledRules.includes(rule);
    return [
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
