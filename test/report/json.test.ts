import { expect, test } from 'vitest';
import { reportJson } from '../../shared/report/json.ts';
import { aFinding, anOpenServer, anUnknownServer, aReport, aServer, HOSTILE_CASES } from './samples.ts';

test('the order in which servers, findings and keys come makes no difference', () => {
  const a = aServer('a');
  const b = anOpenServer('b');
  const turned = Object.fromEntries(Object.entries(a).reverse()) as unknown as typeof a;
  const one = reportJson(aReport({ servers: [a, b], findings: [aFinding(a), aFinding(b)] }));
  const other = reportJson(aReport({ servers: [b, turned], findings: [aFinding(b), aFinding(a)] }));
  expect(other).toBe(one);
});

test('what is unknown is null', () => {
  expect(reportJson(aReport({ servers: [anUnknownServer('dark')] }))).toContain('"publicAddresses": null');
});

test('an empty estate', () => {
  expect(JSON.parse(reportJson(aReport()))).toStrictEqual(aReport());
});

test.each(HOSTILE_CASES)('$when', ({ text }) => {
  const server = anOpenServer(text, { unreadable: { facet: text } });
  const data = aReport({
    servers: [server],
    findings: [aFinding(server, { summary: text })],
    problems: [text],
  });
  const json = reportJson(data);
  expect(JSON.parse(json)).toStrictEqual(data);
  expect(json).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
});
