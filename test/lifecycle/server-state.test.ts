import { expect, test } from 'vitest';
import {
  knownState,
  newerState,
  newState,
  parseState,
  storedSnapshot,
} from '../../shared/lifecycle/server-state.ts';
import { SERVER, snapshot } from '../builders.ts';
import { at, NEW, read } from '../histories.ts';

test('of a server that nobody has read there is no reading, and nothing is taken for known', () => {
  expect(storedSnapshot(newState(SERVER))).toBeUndefined();
  expect(newState(SERVER)).toMatchObject({ inventory: false, live: false, steady: false });
});

test('the last reading as it was', () => {
  const { state } = read(NEW, { at: 60, takes: 2, given: { fw: ['8.8.8.8'] } });
  const seen = { ...snapshot({ fw: ['8.8.8.8'] }), observedAt: at(60), completedAt: at(62) };
  expect(storedSnapshot(state)).toEqual(seen);
  expect(storedSnapshot({ ...state, live: false })?.found).toBe(false);
});

test.each([
  { when: 'of this version', version: 1, known: true },
  { when: 'of a newer one', version: 2, known: false },
])('a state $when is known: $known', ({ version, known }) => {
  const text = JSON.stringify({ ...NEW, version });
  expect(knownState(text)).toEqual(known ? NEW : undefined);
  if (known) expect(parseState(text)).toEqual(NEW);
  else expect(() => parseState(text)).toThrow('a newer version of the app wrote the state');
});

test('it is asked for again after five minutes, when the newer version may take it', () => {
  expect(newerState().retryAfterSeconds).toBe(300);
});

test.each([
  { when: 'no version', value: { server: SERVER } },
  { when: 'version 0', value: { version: 0, server: SERVER } },
  { when: 'a server without an id', value: { version: 1, server: {} } },
])('what has $when is no state', ({ value }) => {
  expect(() => parseState(JSON.stringify(value))).toThrow();
});
