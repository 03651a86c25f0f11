import { formatRange, type IpRange, parseRange } from '../ip-range.ts';
import type { FirewallRule, Json } from '../model.ts';
import { cut } from '../text.ts';

const MAX_ITEMS = 50;
const MAX_TEXT = 256;

/** The first 50 items; the total stands beside them wherever there may be more. */
export function listed<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, MAX_ITEMS);
}

/** The first 50 ranges as text. */
export function rangeTexts(ranges: readonly IpRange[]): readonly string[] {
  return listed(ranges).map(formatRange);
}

/** The first 50 ids. */
export function ids(items: readonly { readonly id: string }[]): readonly string[] {
  return listed(items).map(({ id }) => id);
}

/** Untrusted text as it may be shown: at most 256 characters. */
export function cutText(text: string): string {
  return cut(text, MAX_TEXT);
}

/** `1 public address`, `65,540 public addresses`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${count === 1 ? singular : plural}`;
}

/** `1 address was added`, `4 addresses and all of Azure were added`. */
export function addedText(count: number, azureServices: boolean, noun = 'address'): string {
  const addresses = counted(count, noun, `${noun}es`);
  if (azureServices) return `${addresses} and all of Azure were added`;
  return `${addresses} ${count === 1 ? 'was' : 'were'} added`;
}

const ranges = new WeakMap<FirewallRule, IpRange | 'invalid'>();

/** The range of a rule, undefined where it cannot be interpreted; parsed once a rule, because many rules of the catalogue ask. */
export function rangeOf(rule: FirewallRule): IpRange | undefined {
  let range = ranges.get(rule);
  if (range === undefined) {
    range = parseRange(rule.start, rule.end) ?? 'invalid';
    ranges.set(rule, range);
  }
  return range === 'invalid' ? undefined : range;
}

/** A rule's range as text; what cannot be interpreted as it was read, escaped. */
export function ruleText(rule: FirewallRule): string {
  const range = rangeOf(rule);
  return range ? formatRange(range) : `${escaped(rule.start)}-${escaped(rule.end)}`;
}

/** Untrusted text as JSON, at most 256 characters; `null` where there is none. */
export function escaped(text: string | null): string {
  return cutText(JSON.stringify(text));
}

/** True for the rule 0.0.0.0-0.0.0.0, whatever its name: every public address of Azure. */
export function isAzureRule(rule: FirewallRule): boolean {
  return rangeOf(rule)?.last === 0;
}

/** The valid rules, without 0.0.0.0-0.0.0.0, that hold an address of the wanted ranges. */
export function contributing(
  rules: readonly FirewallRule[],
  wanted: readonly IpRange[],
): readonly FirewallRule[] {
  return rules.filter((rule) => {
    const range = rangeOf(rule);
    if (!range || range.last === 0) return false;
    return wanted.some(({ first, last }) => first <= range.last && range.first <= last);
  });
}

/** The texts of a list in the evidence; what is not a text is left out. */
export function textsOf(item: Json | undefined): readonly string[] {
  return Array.isArray(item) ? item.filter((text) => typeof text === 'string') : [];
}

/** How far the state that a drift rule compares with can be trusted: nobody has approved a provisional one. */
export function baselineKind({ approved }: { readonly approved: boolean }): 'approved' | 'provisional' {
  return approved ? 'approved' : 'provisional';
}
