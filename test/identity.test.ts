import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedName, epochSeqOf, findingIdOf, hashOf } from '../shared/identity.ts';
import { SERVER } from './builders.ts';

// Expected ids: base32 (RFC 4648, lower case, no padding) of SHA-256, worked out with another program.
test.each([
  {
    when: 'the server itself',
    rule: 'internet-reachable',
    subject: SERVER.id,
    id: 'f1_nfllajfhzlpkpnrkp3dor35w3nqvraxrdwb7h635d6nxzxkmjldq',
  },
  {
    when: 'a firewall rule',
    rule: 'wide-public-range',
    subject: `${SERVER.id}/firewallrules/office`,
    id: 'f1_xnfkgmhdmzzaq4kkjcxfs25f6kbj5ulq5zfd2i2lxnsj2irce3na',
  },
  {
    when: 'a name outside ASCII',
    rule: 'stale-temporary-rule',
    subject: `${SERVER.id}/firewallrules/büro`,
    id: 'f1_i4bsvejp5wmmugribqeoam27wc3chvsoovposx2v6kimmt4ykghq',
  },
])('the id of a finding about $when', ({ rule, subject, id }) => {
  expect(findingIdOf(SERVER.id, rule, subject)).toBe(id);
});

test('no part of a key can stand for another', () => {
  const ids = [
    findingIdOf('a', 'b', 'c'),
    findingIdOf('a', 'c', 'b'),
    findingIdOf('b', 'a', 'c'),
    findingIdOf('a', 'b', 'a'),
  ];
  expect(new Set(ids).size).toBe(4);
});

test('ids have one form', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (server, rule, subject) => {
      expect(findingIdOf(server, rule, subject)).toMatch(/^f1_[a-z2-7]{52}$/);
    }),
  );
});

test('SHA-256 in hexadecimal', () => {
  expect(hashOf('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('the sortable number of a transition', () => {
  expect(epochSeqOf(1_779_278_400, 3)).toBe(1_779_278_400_000_003);
  // Seconds of the year 2255 still leave it an exact integer.
  expect(Number.isSafeInteger(epochSeqOf(9_000_000_000, 999_999))).toBe(true);
});

// Expected ends: the first half of SHA-256, worked out with another program.
test.each([
  { when: 'nothing', name: '', is: '' },
  { when: 'the longest name of Azure', name: 'a'.repeat(260), is: 'a'.repeat(260) },
  {
    when: 'one letter more',
    name: 'a'.repeat(261),
    is: `${'a'.repeat(200)}~89122a26d97c3075af6feb3842ce7d0e`,
  },
  {
    when: 'the same beginning and another end',
    name: `${'a'.repeat(260)}b`,
    is: `${'a'.repeat(200)}~4415bdf00f3ad7574ee86879a2c88596`,
  },
  {
    when: 'a character of two halves at the cut',
    name: `${'a'.repeat(199)}😀${'a'.repeat(100)}`,
    is: `${'a'.repeat(199)}\ufffd~5efeb434a35c11c8a1fa0410ef5c519c`,
  },
])('a name is bounded: $when', ({ name, is }) => {
  expect(boundedName(name)).toBe(is);
});
