import { ticksPer } from './time.ts';

/** A timespan as `d.hh:mm:ss.fffffff`, without the days and the fraction where they are zero. */
export function formatTimespan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const days = size / ticksPer.day;
  const two = (value: bigint): string => value.toString().padStart(2, '0');
  const clock = [
    (size / ticksPer.hour) % 24n,
    (size / ticksPer.minute) % 60n,
    (size / ticksPer.second) % 60n,
  ];
  const sign = ticks < 0n ? '-' : '';
  const start = days === 0n ? '' : `${days.toString()}.`;
  const fraction = size % ticksPer.second;
  const end = fraction === 0n ? '' : `.${fraction.toString().padStart(7, '0')}`;
  return `${sign}${start}${clock.map(two).join(':')}${end}`;
}

const clockText = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/;
const unitText = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/;

const units: Readonly<Record<string, bigint>> = {
  ...names(ticksPer.day, 'd', 'day', 'days'),
  ...names(ticksPer.hour, 'h', 'hr', 'hrs', 'hour', 'hours'),
  ...names(ticksPer.minute, 'm', 'min', 'minute', 'minutes'),
  ...names(ticksPer.second, 's', 'sec', 'second', 'seconds'),
  ...names(ticksPer.millisecond, 'ms', 'milli', 'millis', 'millisec', 'millisecond', 'milliseconds'),
  ...names(ticksPer.microsecond, 'micro', 'micros', 'microsec', 'microsecond', 'microseconds'),
  ...names(ticksPer.tick, 'tick', 'ticks'),
};

function names(ticks: bigint, ...words: readonly string[]): Record<string, bigint> {
  return Object.fromEntries(words.map((word) => [word, ticks]));
}

/** The ticks of a timespan as text (`1.02:03:04.5`, `90m`, `15 seconds`), or null when it is none. */
export function parseTimespan(text: string): bigint | null {
  const trimmed = text.trim();
  const clock = clockText.exec(trimmed);
  if (clock) {
    const [, sign, days = '0', hours, minutes, seconds = '0', fraction = ''] = clock;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const size =
      BigInt(days) * ticksPer.day +
      BigInt(hours ?? 0) * ticksPer.hour +
      BigInt(minutes ?? 0) * ticksPer.minute +
      BigInt(seconds) * ticksPer.second +
      BigInt(fraction.padEnd(7, '0'));
    return sign ? -size : size;
  }
  const [, amount, unit] = unitText.exec(trimmed) ?? [];
  const ticks = unit === undefined ? undefined : units[unit];
  return amount === undefined || ticks === undefined ? null : scaleTicks(ticks, Number(amount));
}

/** Ticks times a number, rounded to a tick. */
export function scaleTicks(ticks: bigint, factor: number): bigint {
  if (Number.isSafeInteger(factor)) return ticks * BigInt(factor);
  const scaled = Number(ticks) * factor;
  if (!Number.isFinite(scaled)) throw new Error('KQL: a timespan times a number is out of range');
  return BigInt(Math.round(scaled));
}
