import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestPeriodSeconds, nextRun, parseSchedule } from '../shared/schedule.ts';

const next = (schedule: string, after: string): string =>
  nextRun(parseSchedule(schedule), new Date(after)).toISOString();

describe('nextRun', () => {
  test.each([
    {
      when: 'quarter',
      schedule: '0 */15 * * * *',
      after: '2026-03-01T10:07:30Z',
      run: '2026-03-01T10:15:00.000Z',
    },
    {
      when: 'exactly on a run',
      schedule: '0 */15 * * * *',
      after: '2026-03-01T10:15:00Z',
      run: '2026-03-01T10:30:00.000Z',
    },
    {
      when: 'a ms before a run',
      schedule: '0 */15 * * * *',
      after: '2026-03-01T10:14:59.999Z',
      run: '2026-03-01T10:15:00.000Z',
    },
    {
      when: 'end of the year',
      schedule: '0 */15 * * * *',
      after: '2026-12-31T23:45:00Z',
      run: '2027-01-01T00:00:00.000Z',
    },
    {
      when: 'five fields',
      schedule: '*/5 * * * *',
      after: '2026-03-01T10:07:30Z',
      run: '2026-03-01T10:10:00.000Z',
    },
    {
      when: 'seconds',
      schedule: '*/20 * * * * *',
      after: '2026-03-01T10:07:41Z',
      run: '2026-03-01T10:08:00.000Z',
    },
    {
      when: 'start with a step',
      schedule: '5/20 0 0 * * *',
      after: '2026-03-01T00:00:25Z',
      run: '2026-03-01T00:00:45.000Z',
    },
    {
      when: 'list and range',
      schedule: '0 0 1-3,22 * * *',
      after: '2026-03-01T03:00:00Z',
      run: '2026-03-01T22:00:00.000Z',
    },
    {
      when: 'range with a step',
      schedule: '0 10-50/20 8 * * *',
      after: '2026-03-01T08:10:00Z',
      run: '2026-03-01T08:30:00.000Z',
    },
    {
      when: 'hour passed, not minute',
      schedule: '0 30 8 * * *',
      after: '2026-03-01T09:00:00Z',
      run: '2026-03-02T08:30:00.000Z',
    },
    {
      when: 'weekday by name, from a Saturday',
      schedule: '0 0 9 * * Mon-Fri',
      after: '2026-02-28T09:00:00Z',
      run: '2026-03-02T09:00:00.000Z',
    },
    {
      when: 'Sunday is 0',
      schedule: '0 0 9 * * 0',
      after: '2026-02-28T09:00:00Z',
      run: '2026-03-01T09:00:00.000Z',
    },
    {
      when: 'month by full name',
      schedule: '0 0 0 1 JANUARY,jul *',
      after: '2026-02-01T00:00:00Z',
      run: '2026-07-01T00:00:00.000Z',
    },
    {
      when: '29 February',
      schedule: '0 0 0 29 2 *',
      after: '2026-01-01T00:00:00Z',
      run: '2028-02-29T00:00:00.000Z',
    },
    {
      when: '29 February on a Monday',
      schedule: '0 0 0 29 2 1',
      after: '2028-03-01T00:00:00Z',
      run: '2044-02-29T00:00:00.000Z',
    },
    {
      when: 'day and weekday must both match',
      schedule: '0 0 0 13 * 5',
      after: '2026-03-14T00:00:00Z',
      run: '2026-11-13T00:00:00.000Z',
    },
    {
      when: 'a list that is not in order',
      schedule: '0 40,20 * * * *',
      after: '2026-03-14T00:10:00Z',
      run: '2026-03-14T00:20:00.000Z',
    },
    {
      when: 'the next hour of several',
      schedule: '0 0 1,5,9 * * *',
      after: '2026-03-14T02:00:00Z',
      run: '2026-03-14T05:00:00.000Z',
    },
    {
      when: 'the 31st, of the months that have one',
      schedule: '0 0 0 31 3,4,5 *',
      after: '2026-03-31T00:00:00Z',
      run: '2026-05-31T00:00:00.000Z',
    },
    {
      when: 'spaces around',
      schedule: '  0 0  0 * * *  ',
      after: '2026-03-14T00:00:00Z',
      run: '2026-03-15T00:00:00.000Z',
    },
  ])('$when', ({ schedule, after, run }) => {
    expect(next(schedule, after)).toBe(run);
  });
});

describe('parseSchedule refuses', () => {
  test.each([
    { when: 'nothing', schedule: '', message: 'Schedule "": five or six fields are expected.' },
    {
      when: 'seven fields',
      schedule: '0 0 0 * * * *',
      message: 'Schedule "0 0 0 * * * *": five or six fields are expected.',
    },
    {
      when: 'a minute of 60',
      schedule: '0 60 * * * *',
      message: 'Schedule "0 60 * * * *": minute "60" is not within 0 to 59.',
    },
    {
      when: 'a day of 0',
      schedule: '0 0 0 0 * *',
      message: 'Schedule "0 0 0 0 * *": day "0" is not within 1 to 31.',
    },
    {
      when: 'a weekday of 7',
      schedule: '0 0 0 * * 7',
      message: 'Schedule "0 0 0 * * 7": day of the week "7" is not within 0 to 6.',
    },
    {
      when: 'a step of 0',
      schedule: '*/0 * * * * *',
      message: 'Schedule "*/0 * * * * *": second "*/0" has no step of 1 or more.',
    },
    {
      when: 'a reversed range',
      schedule: '0 0 22-6 * * *',
      message: 'Schedule "0 0 22-6 * * *": hour "22-6" ends before it begins.',
    },
    {
      when: 'an unknown name',
      schedule: '0 0 0 * foo *',
      message: 'Schedule "0 0 0 * foo *": month "foo" is not within 1 to 12.',
    },
    {
      when: 'a name of two letters',
      schedule: '0 0 0 * ma *',
      message: 'Schedule "0 0 0 * ma *": month "ma" is not within 1 to 12.',
    },
    {
      when: 'a name where none belongs',
      schedule: '0 0 mon * * *',
      message: 'Schedule "0 0 mon * * *": hour "mon" is not within 0 to 23.',
    },
    {
      when: 'an empty list item',
      schedule: '0 1,, * * * *',
      message: 'Schedule "0 1,, * * * *": minute "" cannot be read.',
    },
    {
      when: 'a negative number',
      schedule: '0 -5 * * * *',
      message: 'Schedule "0 -5 * * * *": minute "-5" cannot be read.',
    },
    { when: 'a macro', schedule: '@daily', message: 'Schedule "@daily": five or six fields are expected.' },
    {
      when: 'a range of three',
      schedule: '0 1-2-3 * * * *',
      message: 'Schedule "0 1-2-3 * * * *": minute "1-2-3" cannot be read.',
    },
    {
      when: 'a range without its end',
      schedule: '0 5- * * * *',
      message: 'Schedule "0 5- * * * *": minute "5-" cannot be read.',
    },
    {
      when: 'a range from an unknown name',
      schedule: '0 0 0 * * foo-fri',
      message: 'Schedule "0 0 0 * * foo-fri": day of the week "foo-fri" is not within 0 to 6.',
    },
    {
      when: 'a range to an unknown name',
      schedule: '0 0 0 * * mon-foo',
      message: 'Schedule "0 0 0 * * mon-foo": day of the week "mon-foo" is not within 0 to 6.',
    },
    {
      when: 'two steps',
      schedule: '0 */5/5 * * * *',
      message: 'Schedule "0 */5/5 * * * *": minute "*/5/5" cannot be read.',
    },
    {
      when: 'a step without its number',
      schedule: '0 */ * * * *',
      message: 'Schedule "0 */ * * * *": minute "*/" cannot be read.',
    },
    {
      when: 'four fields',
      schedule: '0 0 * *',
      message: 'Schedule "0 0 * *": five or six fields are expected.',
    },
    {
      when: '30 February',
      schedule: '0 0 0 30 2 *',
      message: 'Schedule "0 0 0 30 2 *": no month of it has such a day.',
    },
  ])('$when', ({ schedule, message }) => {
    expect(() => parseSchedule(schedule)).toThrow(new Error(message));
  });
});

describe('names', () => {
  test.each([
    { part: 'january', number: 1 },
    { part: 'february', number: 2 },
    { part: 'march', number: 3 },
    { part: 'april', number: 4 },
    { part: 'may', number: 5 },
    { part: 'june', number: 6 },
    { part: 'july', number: 7 },
    { part: 'august', number: 8 },
    { part: 'september', number: 9 },
    { part: 'october', number: 10 },
    { part: 'november', number: 11 },
    { part: 'december', number: 12 },
  ])('$part, whole or short, is month $number', ({ part, number }) => {
    for (const name of [part, part.slice(0, 3), part.slice(0, 3).toUpperCase()])
      expect(parseSchedule(`0 0 0 * ${name} *`).months).toEqual([number]);
  });

  test.each([
    { part: 'sunday', number: 0 },
    { part: 'monday', number: 1 },
    { part: 'tuesday', number: 2 },
    { part: 'wednesday', number: 3 },
    { part: 'thursday', number: 4 },
    { part: 'friday', number: 5 },
    { part: 'saturday', number: 6 },
  ])('$part, whole or short, is day $number of the week', ({ part, number }) => {
    for (const name of [part, part.slice(0, 3), part.slice(0, 3).toUpperCase()])
      expect(parseSchedule(`0 0 0 * * ${name}`).weekdays).toEqual([number]);
  });
});

describe('days of a month', () => {
  test.each([
    { month: 1, days: 31 },
    { month: 2, days: 29 },
    { month: 3, days: 31 },
    { month: 4, days: 30 },
    { month: 5, days: 31 },
    { month: 6, days: 30 },
    { month: 7, days: 31 },
    { month: 8, days: 31 },
    { month: 9, days: 30 },
    { month: 10, days: 31 },
    { month: 11, days: 30 },
    { month: 12, days: 31 },
  ])('month $month has $days', ({ month, days }) => {
    expect(parseSchedule(`0 0 0 ${days} ${month} *`).days).toEqual([days]);
    expect(() => parseSchedule(`0 0 0 ${days + 1} ${month} *`)).toThrow(
      days === 31 ? 'is not within 1 to 31' : 'no month of it has such a day',
    );
  });

  test('a later day of the list may be missing, the first may not', () => {
    expect(parseSchedule('0 0 0 31,30 6,4 *')).toMatchObject({ days: [30, 31], months: [4, 6] });
  });
});

describe('longestPeriodSeconds', () => {
  test.each([
    { when: 'every quarter', schedule: '0 */15 * * * *', seconds: 900 },
    { when: 'every second', schedule: '* * * * * *', seconds: 1 },
    { when: 'uneven steps: :40 to :00', schedule: '0 */40 * * * *', seconds: 2400 },
    { when: 'uneven steps: :50 to :05', schedule: '0 5-50 * * * *', seconds: 900 },
    { when: 'once a day', schedule: '30 15 6 * * *', seconds: 86_400 },
    { when: 'office hours: Friday 16:55 to Monday 9:00', schedule: '0 */5 9-16 * * 1-5', seconds: 230_700 },
    { when: 'monthly: January has 31 days', schedule: '0 0 0 1 * *', seconds: 31 * 86_400 },
    { when: '0:00:20 to 0:59:10 of each hour', schedule: '10,20 0,59 * * * *', seconds: 59 * 60 - 10 },
    { when: '0:00:10 to 23:00:10', schedule: '10 0 0,23 * * *', seconds: 23 * 3600 },
    { when: '0:30 to 23:30', schedule: '0 30 0,23 * * *', seconds: 23 * 3600 },
    { when: '0:20 to 23:10', schedule: '0 10,20 0,23 * * *', seconds: 22 * 3600 + 50 * 60 },
    { when: 'seconds :10 to :50', schedule: '10,50 * * * * *', seconds: 40 },
  ])('$when', ({ schedule, seconds }) => {
    expect(longestPeriodSeconds(parseSchedule(schedule), new Date('2026-03-04T12:00:00Z'))).toBe(seconds);
  });

  test('a long pause that begins today is seen', () => {
    // 30 April to 1 January; then January to April, day by day, for more than a hundred days.
    const schedule = parseSchedule('0 0 0 * 1-4 *');
    expect(longestPeriodSeconds(schedule, new Date('2026-04-30T12:00:00Z'))).toBe(246 * 86_400);
    expect(longestPeriodSeconds(schedule, new Date('2026-01-01T12:00:00Z'))).toBe(86_400);
  });
});

const values = (first: number, last: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 1, max: last }).map((step) => `*/${step}`),
    fc
      .uniqueArray(fc.integer({ min: first, max: last }), { minLength: 1, maxLength: 4 })
      .map((list) => list.join(',')),
    fc
      .tuple(fc.integer({ min: first, max: last }), fc.integer({ min: first, max: last }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const schedules = fc
  .tuple(values(0, 59), values(0, 59), values(0, 23), values(1, 28), values(1, 12), values(0, 6))
  .map((fields) => fields.join(' '));
const times = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2040-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('properties', () => {
  test('a run is later than the time asked for, and every field of it matches', () => {
    fc.assert(
      fc.property(schedules, times, (text, after) => {
        const schedule = parseSchedule(text);
        const run = nextRun(schedule, after);
        expect(run.getTime()).toBeGreaterThan(after.getTime());
        expect(run.getUTCMilliseconds()).toBe(0);
        expect(schedule.seconds).toContain(run.getUTCSeconds());
        expect(schedule.minutes).toContain(run.getUTCMinutes());
        expect(schedule.hours).toContain(run.getUTCHours());
        expect(schedule.days).toContain(run.getUTCDate());
        expect(schedule.months).toContain(run.getUTCMonth() + 1);
        expect(schedule.weekdays).toContain(run.getUTCDay());
      }),
    );
  });

  test('no run is skipped: asked from any time in between, the next run is the same', () => {
    fc.assert(
      fc.property(schedules, times, fc.double({ min: 0, max: 1, noNaN: true }), (text, after, share) => {
        const schedule = parseSchedule(text);
        const run = nextRun(schedule, after).getTime();
        const between = Math.min(run - 1, after.getTime() + Math.floor((run - after.getTime()) * share));
        expect(nextRun(schedule, new Date(between)).getTime()).toBe(run);
      }),
    );
  });

  test('no gap between the next hundred runs is longer than the longest period', () => {
    fc.assert(
      fc.property(schedules, times, (text, from) => {
        const schedule = parseSchedule(text);
        const longest = longestPeriodSeconds(schedule, from) * 1000;
        let run = nextRun(schedule, from);
        for (let i = 0; i < 99; i++) {
          const later = nextRun(schedule, run);
          expect(later.getTime() - run.getTime()).toBeLessThanOrEqual(longest);
          run = later;
        }
      }),
      { numRuns: 50 },
    );
  });
});
