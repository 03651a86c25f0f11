import { expect, test } from 'vitest';
import {
  interpretedRules,
  isPublicAccessOn,
  latentSeverity,
  readable,
} from '../../shared/judging/public-access.ts';
import { exposureOf } from '../../shared/exposure.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy.ts';
import {
  exposure,
  firewallRules,
  type Given,
  network,
  publicAccess,
  unreadable,
  value,
} from '../builders.ts';

test.each<{ when: string; given: Given; says: boolean | string }>([
  { when: 'on', given: {}, says: true },
  { when: 'off', given: { pna: 'Disabled' }, says: false },
  { when: 'absent on an injected server', given: { pna: undefined, injected: true }, says: false },
  {
    when: 'a word that is not documented',
    given: { pna: 'Maybe' },
    says: 'publicAccess: "Maybe" cannot be interpreted',
  },
  {
    when: 'absent, on a server of which nobody knows whether it is injected',
    given: { pna: undefined, denied: ['delegatedSubnetId'] },
    says: 'delegatedSubnetId: not read',
  },
])('public access that is $when', ({ given, says }) => {
  const facts = {
    publicAccess: publicAccess('pna' in given ? given.pna : 'Enabled'),
    exposure: exposure(given),
  };
  if (typeof says === 'string') expect(() => isPublicAccessOn(facts)).toThrow(says);
  else expect(isPublicAccessOn(facts)).toBe(says);
});

test('a perimeter decides by rules that are not read', () => {
  const perimeter = { switch: 'perimeter', raw: '"SecuredByPerimeter"' } as const;
  const readings = { ...network(), publicAccess: value(perimeter) };
  const facts = { publicAccess: perimeter, exposure: exposureOf(readings, DEFAULT_WIDTHS) };
  expect(() => isPublicAccessOn(facts)).toThrow('publicAccess: what the perimeter admits is not read');
});

test('rules that cannot be interpreted make the whole list unknown', () => {
  const list = (...fw: readonly string[]) => ({
    firewallRules: firewallRules(fw),
    exposure: exposure({ fw }),
  });
  const fine = list('8.8.8.8');
  expect(interpretedRules(fine)).toBe(fine.firewallRules);
  expect(() => interpretedRules(list('8.8.8.8', 'a=x', 'b=y'))).toThrow(
    'firewallRules: 2 cannot be interpreted',
  );
});

test('what was not read has no value, and is nothing to choke on', () => {
  expect([readable(value(7)), readable(unreadable()), readable(undefined)]).toEqual([
    7,
    undefined,
    undefined,
  ]);
});

test.each(['internet', 'azure', 'wide'] as const)('latent rules of width %s are the graver', (path) => {
  expect([latentSeverity(path, 'Low', 'High'), latentSeverity('limited', 'Low', 'High')]).toEqual([
    'High',
    'Low',
  ]);
});
