import { countAddresses, type IpRange, parseCidr, parseRange, publicPart } from '../ip-range.ts';
import { counted } from './words.ts';

export interface ShownRange {
  /** As the data has it. */
  readonly text: string;
  /** Null: the text could not be interpreted. */
  readonly range: IpRange | null;
  /** Public addresses in it; null: unknown. */
  readonly addresses: number | null;
}

/** Ranges as text (`203.0.113.0/24`, `203.0.113.1-203.0.113.9`) with their public sizes, widest first, unknown before all. */
export function shownRanges(ranges: readonly string[]): readonly ShownRange[] {
  return ranges.map(shownRange).sort((a, b) => (b.addresses ?? 2 ** 33) - (a.addresses ?? 2 ** 33));
}

function shownRange(text: string): ShownRange {
  const [first, last, more] = text.split('-');
  const range =
    first === undefined || more !== undefined
      ? undefined
      : last === undefined
        ? parseCidr(first)
        : parseRange(first, last);
  if (!range) return { text, range: null, addresses: null };
  return { text, range, addresses: countAddresses(publicPart([range])) };
}

/** All public IPv4 addresses: 2^32 without the reserved blocks. */
const PUBLIC_SPACE = 3_702_390_784;

/** The widest range in words, with its share of the public Internet where that is noticeable. */
export function widestWords(ranges: readonly ShownRange[] | null): string {
  if (ranges === null) return 'unknown';
  const widest = ranges[0];
  if (!widest) return 'no range';
  if (widest.addresses === null) return `${widest.text}, which could not be interpreted`;
  const share = widest.addresses / PUBLIC_SPACE;
  if (share === 1) return `${widest.text}, every public address`;
  const size =
    widest.addresses === 0 ? 'reserved addresses only' : counted(widest.addresses, 'address', 'addresses');
  return `${widest.text}, ${size}${share >= 0.001 ? `, ${shareWords(share)} of the public Internet` : ''}`;
}

function shareWords(share: number): string {
  const percent = share * 100;
  return percent > 99.9 ? 'over 99.9 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/**
 * Length of the bar of a count, 0 to 1, on a scale where each doubling adds one step of 33: a single address is
 * seen, and so is the difference between a /24 and a /16.
 */
export function barLength(addresses: number): number {
  return addresses < 1 ? 0 : Math.min(1, (Math.log2(addresses) + 1) / 33);
}
