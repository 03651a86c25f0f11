/** When a timer runs, as the Functions host reads it: every field must match, all times are UTC, each list is sorted. */
export interface Schedule {
  readonly text: string;
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

const SECOND: Field = { name: 'second', first: 0, last: 59 };
const MINUTE: Field = { name: 'minute', first: 0, last: 59 };
const HOUR: Field = { name: 'hour', first: 0, last: 23 };
const DAY: Field = { name: 'day', first: 1, last: 31 };
const MONTH: Field = {
  name: 'month',
  first: 1,
  last: 12,
  names: [
    ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september'],
    ...['october', 'november', 'december'],
  ],
};
const WEEKDAY: Field = {
  name: 'day of the week',
  first: 0,
  last: 6,
  names: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
};

const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** 29 February falls on a given weekday again after at most 40 years. */
const SEARCH_DAYS = 41 * 366;
const DAYS_WITH_RUNS = 100;

/**
 * Reads an NCRONTAB expression of six fields (seconds first) or a cron expression of five.
 * @throws Error with one line that names the expression and the wrong field.
 */
export function parseSchedule(text: string): Schedule {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    throw new Error(`Schedule "${text}": five or six fields are expected.`);
  }
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 5 ? ['0', ...fields] : fields;
  const values = (field: Field, part: string): readonly number[] => parseField(field, part, text);
  const schedule: Schedule = {
    text,
    seconds: values(SECOND, second),
    minutes: values(MINUTE, minute),
    hours: values(HOUR, hour),
    days: values(DAY, day),
    months: values(MONTH, month),
    weekdays: values(WEEKDAY, weekday),
  };
  const firstDay = head(schedule.days);
  if (!schedule.months.some((m) => firstDay <= (DAYS_OF_MONTH[m - 1] ?? 0))) {
    throw new Error(`Schedule "${text}": no month of it has such a day.`);
  }
  return schedule;
}

/** The first run later than the given time. */
export function nextRun(schedule: Schedule, after: Date): Date {
  const from = Math.floor(after.getTime() / 1000) * 1000 + 1000;
  const today = Math.floor(from / DAY_MS) * DAY_MS;
  const rest = dayMatches(schedule, today) ? timeFrom(schedule, (from - today) / 1000) : undefined;
  if (rest !== undefined) return new Date(today + rest * 1000);
  return new Date(nextDay(schedule, today) + firstTime(schedule) * 1000);
}

/**
 * The largest gap in seconds between two consecutive runs, over the next hundred days that have a run: so nights and
 * weekends count for a schedule of office hours, however many runs an hour has.
 */
export function longestPeriodSeconds(schedule: Schedule, from: Date): number {
  const { seconds, minutes, hours } = schedule;
  const firstOfMinute = head(seconds);
  const lastOfMinute = last(seconds);
  const firstOfHour = head(minutes) * 60 + firstOfMinute;
  const lastOfHour = last(minutes) * 60 + lastOfMinute;
  const firstOfDay = firstTime(schedule);
  const lastOfDay = last(hours) * 3600 + lastOfHour;
  return Math.max(
    longestGap(seconds, 1, 0),
    longestGap(minutes, 60, lastOfMinute - firstOfMinute),
    longestGap(hours, 3600, lastOfHour - firstOfHour),
    longestGap(daysWithRuns(schedule, from), DAY_SECONDS, lastOfDay - firstOfDay),
  );
}

/** The widest step of the values, less the time between the first and the last run within one value. */
function longestGap(values: readonly number[], unitSeconds: number, spanSeconds: number): number {
  const steps = values.slice(1).map((value, i) => (value - (values[i] ?? value)) * unitSeconds);
  return steps.length === 0 ? 0 : Math.max(...steps) - spanSeconds;
}

function daysWithRuns(schedule: Schedule, from: Date): readonly number[] {
  const days: number[] = [];
  let day = Math.floor(from.getTime() / DAY_MS) * DAY_MS - DAY_MS;
  while (days.length < DAYS_WITH_RUNS) {
    day = nextDay(schedule, day);
    days.push(day / DAY_MS);
  }
  return days;
}

function nextDay(schedule: Schedule, day: number): number {
  for (let i = 1; i <= SEARCH_DAYS; i++) {
    if (dayMatches(schedule, day + i * DAY_MS)) return day + i * DAY_MS;
  }
  throw new RangeError(`Schedule "${schedule.text}": no run in the next 41 years.`);
}

function dayMatches(schedule: Schedule, day: number): boolean {
  const date = new Date(day);
  return (
    schedule.months.includes(date.getUTCMonth() + 1) &&
    schedule.days.includes(date.getUTCDate()) &&
    schedule.weekdays.includes(date.getUTCDay())
  );
}

/** The first time of a day, in seconds, that is not before the given one. */
function timeFrom(schedule: Schedule, time: number): number | undefined {
  const { seconds, minutes, hours } = schedule;
  const hour = Math.floor(time / 3600);
  const minute = Math.floor((time % 3600) / 60);
  const second = seconds.find((s) => s >= time % 60);
  if (second !== undefined && hours.includes(hour) && minutes.includes(minute)) {
    return hour * 3600 + minute * 60 + second;
  }
  const laterMinute = minutes.find((m) => m > minute);
  if (laterMinute !== undefined && hours.includes(hour)) {
    return hour * 3600 + laterMinute * 60 + head(seconds);
  }
  const laterHour = hours.find((h) => h > hour);
  return laterHour === undefined ? undefined : laterHour * 3600 + head(minutes) * 60 + head(seconds);
}

function firstTime({ hours, minutes, seconds }: Schedule): number {
  return head(hours) * 3600 + head(minutes) * 60 + head(seconds);
}

function parseField(field: Field, text: string, schedule: string): readonly number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [start, end, step] = parsePart(field, part, schedule);
    for (let value = start; value <= end; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function parsePart(field: Field, part: string, schedule: string): readonly [number, number, number] {
  const wrong = (reason: string): Error =>
    new Error(`Schedule "${schedule}": ${field.name} "${part}" ${reason}.`);
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null) throw wrong('cannot be read');
  const [, star, from = '', to, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1) throw wrong('has no step of 1 or more');
  if (star !== undefined) return [field.first, field.last, step];
  const start = parseValue(field, from);
  // "5/15" means from 5 to the end of the field; "5" alone is one value.
  const end = to === undefined ? (stepText === undefined ? start : field.last) : parseValue(field, to);
  if (start === undefined || end === undefined) throw wrong(`is not within ${field.first} to ${field.last}`);
  if (end < start) throw wrong('ends before it begins');
  return [start, end, step];
}

function parseValue(field: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= field.first && value <= field.last ? value : undefined;
  }
  if (text.length < 3) return undefined;
  const index = field.names?.findIndex((name) => name.startsWith(text.toLowerCase())) ?? -1;
  return index < 0 ? undefined : index + field.first;
}

function head(values: readonly number[]): number {
  return values[0] ?? 0;
}

function last(values: readonly number[]): number {
  return values.at(-1) ?? 0;
}
