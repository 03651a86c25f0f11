import type { AccessToken, TokenCredential } from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { type BearerToken, bearerToken } from '../../shared/azure/bearer-token.ts';

const SCOPE = 'https://management.azure.com/.default';
const NOW = Date.parse('2026-05-20T12:00:00.000Z');
const HOUR = 3_600_000;

/** A credential that numbers its tokens; every one is good for so many milliseconds after NOW. */
function numbered(lifetimeMs = HOUR): { credential: TokenCredential; asked: () => number } {
  let asked = 0;
  const getToken = (scope: string | string[]): Promise<AccessToken> => {
    asked += 1;
    return Promise.resolve({
      token: `${asked} for ${scope.toString()}`,
      expiresOnTimestamp: NOW + lifetimeMs,
    });
  };
  return { credential: { getToken }, asked: () => asked };
}

describe('how long a token is kept', () => {
  test.each<{ when: string; lifetimeMs: number; laterMs: number; asked: number }>([
    { when: 'good for an hour, at once', lifetimeMs: HOUR, laterMs: 0, asked: 1 },
    { when: 'good for an hour, just before a minute', lifetimeMs: HOUR, laterMs: 59_999, asked: 1 },
    { when: 'good for an hour, after a minute', lifetimeMs: HOUR, laterMs: 60_000, asked: 2 },
    {
      when: 'good for 150 s, just before its last 2 minutes',
      lifetimeMs: 150_000,
      laterMs: 29_999,
      asked: 1,
    },
    { when: 'good for 150 s, in its last 2 minutes', lifetimeMs: 150_000, laterMs: 30_000, asked: 2 },
    { when: 'in its last 2 minutes from the start', lifetimeMs: 120_000, laterMs: 0, asked: 2 },
    { when: 'over', lifetimeMs: -1, laterMs: 0, asked: 2 },
  ])('$when', async ({ lifetimeMs, laterMs, asked }) => {
    const { credential, asked: times } = numbered(lifetimeMs);
    const token = bearerToken(credential, SCOPE);
    expect(await token.at(NOW, 1000)).toBe(`Bearer 1 for ${SCOPE}`);
    expect(await token.at(NOW + laterMs, 1000)).toBe(`Bearer ${asked} for ${SCOPE}`);
    expect(times()).toBe(asked);
  });

  test('one answer is for all who ask at the same time, and for all readers of the process', async () => {
    const { credential, asked } = numbered();
    const readers = Array.from({ length: 50 }, () => bearerToken(credential, SCOPE));
    const values = await Promise.all(readers.map(async (reader) => reader.at(NOW, 1000)));
    expect(new Set(values)).toEqual(new Set([`Bearer 1 for ${SCOPE}`]));
    expect(asked()).toBe(1);
  });

  test('another scope and another credential have tokens of their own', async () => {
    const [one, other] = [numbered(), numbered()];
    expect(await bearerToken(one.credential, SCOPE).at(NOW, 1000)).toBe(`Bearer 1 for ${SCOPE}`);
    expect(await bearerToken(one.credential, 'other').at(NOW, 1000)).toBe('Bearer 2 for other');
    expect(await bearerToken(other.credential, SCOPE).at(NOW, 1000)).toBe(`Bearer 1 for ${SCOPE}`);
  });
});

describe('a token that was refused', () => {
  let token: BearerToken;

  test('is not used again', async () => {
    token = bearerToken(numbered().credential, SCOPE);
    token.forget(await token.at(NOW, 1000));
    expect(await token.at(NOW, 1000)).toBe(`Bearer 2 for ${SCOPE}`);
  });

  test('takes nothing from the one that came after it', async () => {
    token = bearerToken(numbered().credential, SCOPE);
    const first = await token.at(NOW, 1000);
    token.forget(first);
    const second = await token.at(NOW, 1000);
    token.forget(first);
    expect(await token.at(NOW, 1000)).toBe(second);
  });
});

describe('no token', () => {
  const good: AccessToken = { token: 'good', expiresOnTimestamp: NOW + HOUR };

  test.each<{ when: string; first: () => Promise<AccessToken | null>; error: string }>([
    { when: 'the credential has none', first: () => Promise.resolve(null), error: 'gave no token' },
    { when: 'the credential fails', first: () => Promise.reject(new Error('its words')), error: 'its words' },
    {
      when: 'the credential throws',
      first: () => {
        throw new Error('its words');
      },
      error: 'its words',
    },
    { when: 'the credential never answers', first: () => new Promise(() => undefined), error: 'in time' },
    {
      when: 'it would be a header of its own',
      first: () => Promise.resolve({ ...good, token: 'good\r\nhost: evil.example' }),
      error: 'Invalid character',
    },
  ])(
    '$when: all who wait hear of it, and the next to ask gets what there is then',
    async ({ first, error }) => {
      let asked = 0;
      const getToken = (): Promise<AccessToken | null> => (asked++ === 0 ? first() : Promise.resolve(good));
      const token = bearerToken({ getToken }, SCOPE);
      const waiting = [1, 2].map(async () => token.at(NOW, 50));
      for (const one of await Promise.allSettled(waiting)) {
        expect(one).toMatchObject({ reason: { message: expect.stringContaining(error) as string } });
      }
      expect(asked).toBe(1);
      expect(await token.at(NOW, 1000)).toBe('Bearer good');
    },
  );
});
