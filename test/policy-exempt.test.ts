import { expect, test } from 'vitest';
import type { Evidence, Rule, Severity } from '../shared/model.ts';
import { parsePolicy, policyOf } from '../shared/policy.ts';
import * as registry from '../shared/rules/index.ts';
import type { FindingRecord } from '../shared/lifecycle/server-state.ts';
import { type Coverage, type OpenFinding, open } from '../shared/lifecycle/transitions.ts';
import { AT, ranges, SERVER } from './builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const NOW = '2026-11-21T12:00:00Z';
const NOTE = { reason: 'moves in May', owner: 'shop team', expires: '2027-01-31' };
const SUBJECT = `${SERVER.id}/privateendpointconnections/a`;

interface Exempted {
  readonly rule?: string;
  readonly server?: string;
  readonly subject?: string;
  readonly upTo?: { readonly ranges?: readonly string[]; readonly severity?: Severity };
  readonly expires?: string;
}

interface Seen {
  readonly rule?: string;
  readonly subject?: string;
  readonly severity?: Severity;
  /** `null`: the finding has none. */
  readonly ranges?: readonly string[] | null;
  readonly evidence?: Evidence;
}

function findingOf(seen: Seen): OpenFinding {
  const { rule = 'wide-public-range', subject = SERVER.id, severity = 'High', evidence = {} } = seen;
  const own =
    seen.ranges === null ? {} : { ranges: ranges(...(seen.ranges ?? ['203.0.113.0-203.0.113.15'])) };
  return {
    ruleId: rule,
    subject,
    status: 'open',
    severity,
    violation: { summary: '', evidence, ...own },
  };
}

function coverage(
  exemptions: readonly Exempted[],
  finding: OpenFinding,
  known?: FindingRecord,
  now = NOW,
): Coverage {
  const entries = exemptions.map((given) => ({
    rule: 'wide-public-range',
    server: '*',
    ...(given.rule === undefined ? { upTo: { ranges: ['203.0.113.0/28'] } } : {}),
    ...NOTE,
    ...given,
  }));
  const result = parsePolicy(JSON.stringify({ exemptions: entries }), RULES, now);
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return policyOf(result.policy).exemptions(SERVER, now)(finding, known);
}

function record(finding: OpenFinding, covered: Coverage): FindingRecord {
  const rule = RULES.find(({ id }) => id === finding.ruleId);
  if (!rule) throw new Error(finding.ruleId);
  const times = { observedAt: AT, completedAt: AT, now: AT };
  return open(undefined, { server: SERVER, rule, finding, coverage: covered, times, inventory: false })
    .record;
}

const REPLICA: Seen = { rule: 'replica-more-exposed', severity: 'Medium' };
const upToReplica = { rule: 'replica-more-exposed', upTo: { ranges: ['203.0.113.0/28'] } };
const WIDENED: Seen = { rule: 'exposure-widened' };
const upToWidened = { rule: 'exposure-widened', upTo: { ranges: ['203.0.113.0/28'] } };

test.each<{ when: string; exemption: Exempted; seen?: Seen; covered: boolean }>([
  { when: 'the ranges that were accepted', exemption: {}, covered: true },
  { when: 'fewer of them', exemption: {}, seen: { ranges: ['203.0.113.0-203.0.113.7'] }, covered: true },
  { when: 'a /27 of a /28', exemption: {}, seen: { ranges: ['203.0.113.0-203.0.113.31'] }, covered: false },
  { when: 'one address more', exemption: {}, seen: { ranges: ['203.0.113.0-203.0.113.16'] }, covered: false },
  {
    when: 'one address before',
    exemption: {},
    seen: { ranges: ['203.0.112.255-203.0.113.3'] },
    covered: false,
  },
  {
    when: 'as many addresses elsewhere',
    exemption: {},
    seen: { ranges: ['203.0.113.16-203.0.113.31'] },
    covered: false,
  },
  {
    when: 'a second range outside',
    exemption: {},
    seen: { ranges: ['203.0.113.0-203.0.113.7', '198.51.100.1'] },
    covered: false,
  },
  {
    when: 'a range over two blocks that touch',
    exemption: { upTo: { ranges: ['203.0.113.0/29', '203.0.113.8/29'] } },
    seen: { ranges: ['203.0.113.5-203.0.113.10'] },
    covered: true,
  },
  { when: 'no ranges known', exemption: {}, seen: { ranges: null }, covered: false },
  { when: 'no range', exemption: {}, seen: { ranges: [] }, covered: true },
  {
    when: 'graver than any, no severity stated',
    exemption: {},
    seen: { severity: 'Critical' },
    covered: true,
  },
  {
    when: 'graver than stated beside the ranges',
    exemption: { upTo: { ranges: ['203.0.113.0/28'], severity: 'Medium' } },
    covered: false,
  },
  { when: 'another rule', exemption: {}, seen: { rule: 'internet-reachable' }, covered: false },
  { when: 'another server', exemption: { server: '*/flexibleservers/legacy-*' }, covered: false },
  { when: 'this server in capitals', exemption: { server: '*/FLEXIBLESERVERS/Ord*' }, covered: true },
  { when: 'the server as subject', exemption: { subject: SERVER.id.toUpperCase() }, covered: true },
  { when: 'another subject', exemption: { subject: '/x' }, covered: false },
  {
    when: 'all of Azure added',
    exemption: upToWidened,
    seen: { ...WIDENED, evidence: { azureServicesAdded: true, path: 'azure' } },
    covered: false,
  },
  {
    when: 'all of Azure added and accepted',
    exemption: { ...upToWidened, upTo: { ranges: ['0.0.0.0', '203.0.113.0/28'] } },
    seen: { ...WIDENED, evidence: { azureServicesAdded: true, path: 'azure' } },
    covered: true,
  },
  {
    when: 'all of Azure added where nothing was accepted',
    exemption: { ...upToWidened, upTo: { ranges: [] } },
    seen: { ...WIDENED, ranges: [], evidence: { azureServicesAdded: true, path: 'azure' } },
    covered: false,
  },
  {
    when: 'Azure was there before',
    exemption: upToWidened,
    seen: { ...WIDENED, evidence: { azureServicesAdded: false, path: 'azure' } },
    covered: true,
  },
  {
    when: 'Azure behind the switch',
    exemption: { rule: 'latent-firewall-rules', upTo: { ranges: ['203.0.113.0/28'] } },
    seen: { rule: 'latent-firewall-rules', severity: 'Medium', evidence: { latentPath: 'azure' } },
    covered: false,
  },
  {
    when: 'a replica that admits Azure',
    exemption: upToReplica,
    seen: { ...REPLICA, evidence: { path: 'azure', sourcePath: 'limited' } },
    covered: false,
  },
  {
    when: 'a replica that admits Azure like its source',
    exemption: upToReplica,
    seen: { ...REPLICA, evidence: { path: 'azure', sourcePath: 'azure' } },
    covered: true,
  },
  {
    when: 'the severity that was accepted',
    exemption: { rule: 'retired-service', upTo: { severity: 'High' } },
    seen: { rule: 'retired-service', ranges: null },
    covered: true,
  },
  {
    when: 'a lesser severity',
    exemption: { rule: 'retired-service', upTo: { severity: 'High' } },
    seen: { rule: 'retired-service', severity: 'Low', ranges: null },
    covered: true,
  },
  {
    when: 'a graver severity',
    exemption: { rule: 'retired-service', upTo: { severity: 'Medium' } },
    seen: { rule: 'retired-service', ranges: null },
    covered: false,
  },
  {
    when: 'the subject in another casing',
    exemption: { rule: 'endpoint-pending', subject: SUBJECT.toUpperCase() },
    seen: { rule: 'endpoint-pending', subject: SUBJECT, ranges: null },
    covered: true,
  },
  {
    when: 'a subject that Azure writes in capitals',
    exemption: { rule: 'endpoint-pending', subject: SUBJECT },
    seen: { rule: 'endpoint-pending', subject: SUBJECT.toUpperCase(), ranges: null },
    covered: true,
  },
  {
    when: 'another connection',
    exemption: { rule: 'endpoint-pending', subject: `${SUBJECT}b` },
    seen: { rule: 'endpoint-pending', subject: SUBJECT, ranges: null },
    covered: false,
  },
  {
    when: 'a subject of a graver severity than stated',
    exemption: { rule: 'endpoint-newly-approved', subject: SUBJECT, upTo: { severity: 'Medium' } },
    seen: { rule: 'endpoint-newly-approved', subject: SUBJECT, ranges: null },
    covered: false,
  },
])('covered, $when: $covered', ({ exemption, seen = {}, covered }) => {
  const { expires = NOTE.expires } = exemption;
  const note = covered ? { ...NOTE, expires } : null;
  expect(coverage([exemption], findingOf(seen))).toEqual({ exemption: note });
});

test.each([
  { expires: '2027-01-31', now: '2027-01-31T23:59:59.999Z', covered: true },
  { expires: '2027-01-31', now: '2027-02-01T00:00:00Z', covered: false },
  { expires: '2027-01-31T12:00:00Z', now: '2027-01-31T11:59:59Z', covered: true },
  { expires: '2027-01-31T12:00:00Z', now: '2027-01-31T12:00:00Z', covered: false },
  { expires: '2027-01-31T12:00:00Z', now: '2027-01-31T12:00:01Z', covered: false },
  { expires: '2027-01-31T12:00:00+02:00', now: '2027-01-31T10:00:00Z', covered: false },
  { expires: '2027-02-20', now: NOW, covered: true },
])('an end of $expires at $now: $covered', ({ expires, now, covered }) => {
  expect(coverage([{ expires }], findingOf({}), undefined, now).exemption !== null).toBe(covered);
});

const covered = record(findingOf({}), { exemption: NOTE });
const reported = record(findingOf({}), { exemption: null });

test.each<{ when: string; exemptions: readonly Exempted[]; known: FindingRecord; ended: string | undefined }>(
  [
    { when: 'no such exemption any more', exemptions: [], known: covered, ended: 'ExemptionEnded' },
    {
      when: 'it ended a second ago',
      exemptions: [{ expires: '2026-11-21T11:59:59Z' }],
      known: covered,
      ended: 'ExemptionEnded',
    },
    {
      when: 'the content grew',
      exemptions: [{ upTo: { ranges: ['203.0.113.0/29'] } }],
      known: covered,
      ended: 'ExemptionOutgrown',
    },
    {
      when: 'the content grew, and the exemption ended',
      exemptions: [{ upTo: { ranges: ['203.0.113.0/29'] }, expires: '2026-11-20' }],
      known: covered,
      ended: 'ExemptionEnded',
    },
    {
      when: 'it is for another server now',
      exemptions: [{ server: '*/billing' }],
      known: covered,
      ended: 'ExemptionEnded',
    },
    { when: 'it never was exempted', exemptions: [], known: reported, ended: undefined },
  ],
)('$when: $ended', ({ exemptions, known, ended }) => {
  const reason = ended === undefined ? {} : { ended };
  expect(coverage(exemptions, findingOf({}), known)).toEqual({ exemption: null, ...reason });
});

test('of two exemptions the one that covers counts', () => {
  const narrow = { upTo: { ranges: ['203.0.113.0/29'] } };
  expect(coverage([narrow, { expires: '2026-12-31' }], findingOf({}), covered)).toEqual({
    exemption: { ...NOTE, expires: '2026-12-31' },
  });
});

test('of two exemptions that cover the first of the file counts', () => {
  const later = { expires: '2026-12-31' };
  expect(coverage([{}, later], findingOf({}))).toEqual({ exemption: NOTE });
  expect(coverage([later, {}], findingOf({}))).toEqual({ exemption: { ...NOTE, expires: '2026-12-31' } });
});

test('an exemption of one subject does not cover a finding without one', () => {
  const violation = { summary: '', evidence: {} };
  const finding: OpenFinding = { ruleId: 'endpoint-pending', status: 'open', severity: 'Low', violation };
  expect(coverage([{ rule: 'endpoint-pending', subject: SUBJECT }], finding)).toEqual({ exemption: null });
});
