/** Milliseconds since 1970 of an ISO 8601 or HTTP date; throws on what is neither. */
export function instant(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new Error('not a date');
  return value;
}

/** Seconds from one time to a later one, negative when it is earlier. */
export function secondsBetween(earlier: string, later: string): number {
  return (instant(later) - instant(earlier)) / 1000;
}

/** The time some seconds later, ISO 8601 in UTC. */
export function later(time: string, seconds: number): string {
  return new Date(instant(time) + seconds * 1000).toISOString();
}
