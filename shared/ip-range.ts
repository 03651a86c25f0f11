/** A closed range of IPv4 addresses as unsigned 32-bit numbers, `first` <= `last`. */
export interface IpRange {
  readonly first: number;
  readonly last: number;
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const DOTTED_QUAD = new RegExp(`^ *${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET} *$`);

/** The number of a dotted quad without leading zeros; undefined for anything else, never NaN. */
export function parseAddress(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const match = DOTTED_QUAD.exec(text);
  if (!match) return undefined;
  const [, a, b, c, d] = match;
  return ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d);
}

/** `first`-`last` of two dotted quads; undefined when one is malformed or the order is reversed. */
export function parseRange(first: string | null, last: string | null): IpRange | undefined {
  if (first === null || last === null) return undefined;
  const from = parseAddress(first);
  const to = parseAddress(last);
  if (from === undefined || to === undefined || from > to) return undefined;
  return { first: from, last: to };
}

const CIDR = /^([0-9.]+)\/(0|[1-9][0-9]?)$/;

/** A CIDR block with its host bits masked, or a single address; undefined when malformed. */
export function parseCidr(text: string): IpRange | undefined {
  const match = CIDR.exec(text);
  const address = parseAddress(match?.[1] ?? text);
  const prefix = Number(match?.[2] ?? 32);
  if (address === undefined || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** Dotted quad of an unsigned 32-bit number. */
export function formatAddress(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `203.0.113.5`, `203.0.113.0/24` where one block says it, else `203.0.113.1-203.0.113.9`. */
export function formatRange({ first, last }: IpRange): string {
  if (first === last) return formatAddress(first);
  const size = last - first + 1;
  const prefix = 32 - Math.log2(size);
  if (Number.isInteger(prefix) && first % size === 0) return `${formatAddress(first)}/${prefix}`;
  return `${formatAddress(first)}-${formatAddress(last)}`;
}

/** Sorted union; overlapping and adjacent ranges become one. */
export function mergeRanges(ranges: readonly IpRange[]): readonly IpRange[] {
  const merged: { first: number; last: number }[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first || a.last - b.last)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) previous.last = Math.max(previous.last, range.last);
    else merged.push({ first: range.first, last: range.last });
  }
  return merged;
}

/** Merged ranges `from` without the merged ranges `taken`. */
export function subtractRanges(from: readonly IpRange[], taken: readonly IpRange[]): readonly IpRange[] {
  const rest: IpRange[] = [];
  let next = 0;
  for (const range of from) {
    let first = range.first;
    while ((taken[next]?.last ?? Infinity) < first) next += 1;
    for (let index = next; first <= range.last; index += 1) {
      const hole = taken[index];
      if (!hole || hole.first > range.last) {
        rest.push({ first, last: range.last });
        break;
      }
      if (hole.first > first) rest.push({ first, last: hole.first - 1 });
      first = hole.last + 1;
    }
  }
  return rest;
}

/** Exact number of addresses in merged ranges, 0 to 4,294,967,296. */
export function countAddresses(ranges: readonly IpRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/**
 * Address blocks that never arrive at a public endpoint (592,576,512 addresses). The documentation blocks
 * 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 count as public.
 */
export const RESERVED: readonly IpRange[] = mergeRanges(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ].flatMap((block) => parseCidr(block) ?? []),
);

/** The public part of merged ranges. */
export function publicPart(ranges: readonly IpRange[]): readonly IpRange[] {
  return subtractRanges(ranges, RESERVED);
}
