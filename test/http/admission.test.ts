import { describe, expect, test } from 'vitest';
import { admit, type Gate } from '../../shared/http/admission.ts';
import { ROLES } from '../../shared/http/token.ts';
import { bodyOf, headersOf } from './answer.ts';

const alex = 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01';
const gate =
  (...roles: string[]): Gate =>
  () =>
    Promise.resolve({ id: alex, roles });

describe('who is turned away, and with what', () => {
  test.each<{ when: string; gate: Gate; status: number; title: string; detail?: string }>([
    {
      when: 'no tenant is set up',
      gate: undefined,
      status: 403,
      title: 'Closed',
      detail:
        'The HTTP routes of this deployment are closed until HTTP_TENANT_ID and HTTP_AUDIENCE name whose tokens they accept.',
    },
    { when: 'no good token', gate: () => Promise.resolve('refused'), status: 401, title: 'Unauthorized' },
    {
      when: 'the role is missing',
      gate: gate('Exposure.Scan'),
      status: 403,
      title: 'Forbidden',
      detail: 'The token does not have the role Exposure.Read.',
    },
    {
      when: 'the keys cannot be read',
      gate: () => Promise.resolve('unavailable'),
      status: 503,
      title: 'Unavailable',
      detail: 'The keys of the tenant could not be read, so no token can be checked; try again.',
    },
  ])('$when', async ({ gate: door, status, title, detail }) => {
    const admission = await admit('Bearer x', 'Exposure.Read', door);
    if (!('refused' in admission)) throw new Error('it was let in');
    const { refused } = admission;
    expect(refused.status).toBe(status);
    expect(bodyOf(refused)).toEqual({
      type: 'about:blank',
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
    });
    const headers = headersOf(refused);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });
});

describe('a role implies no other', () => {
  const pairs = ROLES.flatMap((has) => ROLES.map((asked) => ({ has, asked })));
  test.each(pairs)('$has where $asked is asked for', async ({ has, asked }) => {
    const admission = await admit('Bearer x', asked, gate(has));
    expect('caller' in admission).toBe(has === asked);
  });
});

test('in the local host on loopback everybody is "local"', async () => {
  expect(await admit(null, 'Exposure.Approve', 'open')).toEqual({
    caller: { id: 'local', roles: ['Exposure.Approve'] },
  });
});
