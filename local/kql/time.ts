/** Ticks of 100 ns in one of each unit. */
export const ticksPer = {
  tick: 1n,
  microsecond: 10n,
  millisecond: 10_000n,
  second: 10_000_000n,
  minute: 600_000_000n,
  hour: 36_000_000_000n,
  day: 864_000_000_000n,
  week: 6_048_000_000_000n,
} as const;

/** Ticks from 0001-01-01, where the datetimes of Kusto start, to 1970-01-01. */
const unixEpoch = 621_355_968_000_000_000n;
const lastTick = 3_155_378_975_999_999_999n;

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):(\d{2}))?)?$/;

/** The ticks of a time in milliseconds since 1970. */
export function ticksOfDate(date: Date): bigint {
  return unixEpoch + BigInt(date.getTime()) * ticksPer.millisecond;
}

/** The UTC calendar of a datetime, with milliseconds only. */
export function dateOfTicks(ticks: bigint): Date {
  return new Date(Number(floorDivide(ticks - unixEpoch, ticksPer.millisecond)));
}

/** Ticks of a calendar time in UTC, or null when there is no such time. */
export function ticksOfParts(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): bigint | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exact =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return exact && year > 0 ? ticksOfDate(date) : null;
}

/**
 * The ticks of an ISO 8601 text, or null when it is none. The other formats that Kusto reads (RFC 822, RFC 850)
 * have month names and are refused with an error.
 */
export function parseDatetime(text: string): bigint | null {
  const found = iso.exec(text.trim());
  if (!found) {
    if (/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/.test(text))
      throw new Error(`KQL: the datetime "${text}" is not ISO 8601, the only format of this runner`);
    return null;
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = found;
  const whole = ticksOfParts(
    Number(year),
    Number(month),
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  if (whole === null) return null;
  const offset = BigInt(Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * ticksPer.minute;
  const ticks = whole + BigInt(fraction.padEnd(7, '0').slice(0, 7));
  return inRange(sign === '-' ? ticks + offset : ticks - offset);
}

/** A datetime as ISO text with Z: without a fraction, or with all seven digits where `full` asks for them. */
export function formatDatetime(ticks: bigint, full = false): string {
  const seconds = dateOfTicks(ticks).toISOString().slice(0, 19);
  return `${seconds}${fractionText(ticks % ticksPer.second, full)}Z`;
}

function fractionText(ticks: bigint, full: boolean): string {
  const digits = ticks.toString().padStart(7, '0');
  if (full) return `.${digits}`;
  return ticks === 0n ? '' : `.${digits.replace(/0+$/, '')}`;
}

/** A datetime that Kusto can hold (years 1 to 9999); throws outside of it. */
export function inRange(ticks: bigint): bigint {
  if (ticks < 0n || ticks > lastTick) throw new Error('KQL: a datetime is outside of the years 1 to 9999');
  return ticks;
}

/** The quotient of two bigints, rounded down; the divisor is positive. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
