import {
  PRIVATE_PATH_WORDS,
  PUBLIC_PATH_WORDS,
  REACH_WORDS,
  actorWords,
  addressWords,
  counted,
  familyWords,
  timeWords,
} from './words.ts';
import { barLength, type ShownRange, shownRanges, widestWords } from './address-space.ts';
import { RESERVED } from '../ip-range.ts';
import { SEVERITIES } from '../model.ts';
import { clip, visible } from './escape.ts';
import { byExposure, bySeverity } from './order.ts';
import { lastChanges } from './page-changes.ts';
import { commandLines, remedyOf } from './remedy.ts';
import type { FindingView, ReportData, ServerView } from './report-data.ts';

/** Ranges of one server that the page lists, the widest; the others are counted. */
const MOST_RANGES = 100;
const NAME = 160;
const ID = 1_000;
const TEXT = 2_000;

const shown = (text: string, max: number): string => visible(clip(text, max));

/** One server as the page shows it; all its texts are safe to show, though not yet escaped for HTML. */
export function pageServer(server: ServerView) {
  const ranges = server.ranges && shownRanges(server.ranges);
  return {
    id: shown(server.serverId, ID),
    name: shown(server.serverName, NAME),
    family: shown(familyWords(server.serverFamily), NAME),
    subscription: shown(server.subscriptionRef, NAME),
    group: shown(server.resourceGroup, NAME),
    location: shown(server.location, NAME),
    reach: server.reach,
    publicPath: PUBLIC_PATH_WORDS.get(server.publicPath) ?? shown(server.publicPath, NAME),
    privatePath: PRIVATE_PATH_WORDS.get(server.privatePath) ?? shown(server.privatePath, NAME),
    latentPath: PUBLIC_PATH_WORDS.get(server.latentPath) ?? shown(server.latentPath, NAME),
    addresses: server.publicAddresses,
    azure: server.azureServices,
    count: addressWords(server.publicAddresses, server.azureServices),
    bar: barOf(server.publicAddresses),
    widest: shown(widestLine(ranges), TEXT),
    ranges:
      ranges?.slice(0, MOST_RANGES).map(({ text, range, addresses }) => ({
        text: shown(text, NAME),
        size: sizeWords(addresses),
        bar: barOf(addresses),
        ...(range ?? {}),
      })) ?? null,
    moreRanges: Math.max(0, (ranges?.length ?? 0) - MOST_RANGES),
    subnet: server.delegatedSubnetId === null ? null : shown(server.delegatedSubnetId, ID),
    networkSubnets: server.virtualNetworkSubnets.map((id) => shown(id, ID)),
    endpoints: server.endpointConnections.map(({ status, description, endpointId }) => ({
      status: shown(status, NAME),
      description: shown(description, TEXT),
      id: endpointId === null ? 'unknown' : shown(endpointId, ID),
      origin: originWords(endpointId, server.subscriptionRef),
    })),
    approved: server.approvedEndpoints,
    private: privateWords(server),
    rules: server.firewallRules,
    state: shown(server.state, NAME),
    worst: server.worstSeverity,
    open: server.openFindings,
    complete: server.complete,
    unreadable: Object.entries(server.unreadable).map(([facet, why]) => [
      shown(facet, NAME),
      shown(why, TEXT),
    ]),
    read: timeWords(server.observedAt),
  };
}

/** Length of the bar in the picture, of 330; null: unknown. */
function barOf(addresses: number | null): number | null {
  return addresses === null ? null : Math.round(barLength(addresses) * 330);
}

function sizeWords(addresses: number | null): string {
  return addresses === null ? 'unknown size' : counted(addresses, 'public address', 'public addresses');
}

function widestLine(ranges: readonly ShownRange[] | null): string {
  if (ranges === null) return 'ranges unknown';
  if (ranges.length === 0) return '';
  return ranges.length === 1 ? widestWords(ranges) : `widest of ${ranges.length}: ${widestWords(ranges)}`;
}

function privateWords(server: ServerView): string {
  if (server.delegatedSubnetId !== null) return 'injected subnet';
  if (server.privatePath === 'unknown') return 'unknown';
  const { endpointConnections, approvedEndpoints } = server;
  if (endpointConnections.length > 0) {
    return `${approvedEndpoints} of ${counted(endpointConnections.length, 'endpoint')} approved`;
  }
  return server.virtualNetworkSubnets.length > 0 ? 'virtual network rules' : 'none';
}

export type PageServer = ReturnType<typeof pageServer>;

function originWords(endpointId: string | null, subscription: string): string {
  const origin = /^\/subscriptions\/([^/]+)\//i.exec(endpointId ?? '')?.[1];
  if (origin === undefined) return 'unknown';
  if (origin.toLowerCase() === subscription.toLowerCase()) return 'the same subscription';
  return `subscription ${shown(origin, NAME)}`;
}

/** One finding as the page shows it; `server` and `rule` are places in the lists of the page. */
export function pageFinding(finding: FindingView, server: number, rule: number) {
  const { fix, command } = remedyOf(finding.remediation);
  const { exemption } = finding;
  return {
    server,
    rule,
    /** Only of a server that is not in the list: it was deleted, or only an endpoint still names it. */
    about: server >= 0 ? null : aboutServer(finding),
    severity: finding.severity,
    state: finding.state,
    reason: shown(finding.reason, TEXT),
    subject: subjectWords(finding),
    summary: shown(finding.summary, TEXT),
    fix: shown(fix, TEXT),
    command: commandLines(command)
      .map((line) => shown(line, 4_000))
      .join('\n'),
    evidence: Object.entries(finding.evidence).map(([key, value]) => [
      evidenceKey(key),
      shown(evidenceText(value).replaceAll(`${finding.serverId}/`, ''), TEXT),
    ]),
    opened: timeWords(finding.openedAt),
    seen: timeWords(finding.lastSeen),
    resolved: finding.resolvedAt === null ? '' : timeWords(finding.resolvedAt),
    resolvesAfter: finding.resolvesAfter === null ? '' : timeWords(finding.resolvesAfter),
    exemption: exemption && {
      reason: shown(exemption.reason, TEXT),
      owner: shown(exemption.owner, NAME),
      expires: shown(exemption.expires, NAME),
    },
    author: shown(authorWords(finding), NAME * 2),
  };
}

export type PageFinding = ReturnType<typeof pageFinding>;

function authorWords(finding: FindingView): string {
  const when = finding.changedAt === null ? '' : ` ${timeWords(finding.changedAt)}`;
  const known = finding.actorName !== '' || finding.actorId !== '';
  if (known) return `changed${when} by ${actorWords(finding)}`;
  return `${when === '' ? '' : `changed${when}, `}author not known`;
}

function aboutServer(finding: FindingView) {
  return {
    id: shown(finding.serverId, ID),
    name: shown(finding.serverName, NAME),
    family: shown(familyWords(finding.serverFamily), NAME),
    subscription: shown(finding.subscriptionRef, NAME),
  };
}

/** The server is named already: a subject inside of it is told by the rest of its id, the server itself by nothing. */
function subjectWords({ subject, serverId }: FindingView): string {
  if (subject === serverId) return '';
  return shown(subject.startsWith(`${serverId}/`) ? subject.slice(serverId.length + 1) : subject, ID);
}

/** `approvedConnections` as `approved connections`. */
function evidenceKey(key: string): string {
  return shown(key, NAME).replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function evidenceText(value: FindingView['evidence'][string]): string {
  if (value === null) return 'unknown';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return grouped(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? 'none' : value.join(', ');
  }
  return JSON.stringify(value);
}

function grouped(value: number): string {
  return Number.isSafeInteger(value) && value >= 10_000 ? value.toLocaleString('en-US') : value.toString();
}

/** Everything that the page shows of servers and findings, most exposed and worst first. */
export function pageModel(data: ReportData) {
  const servers = [...data.servers].sort(byExposure);
  const findings = [...data.findings].sort(bySeverity);
  const places = new Map(servers.map(({ serverId }, place) => [serverId, place]));
  const rules = [...new Map(findings.map((finding) => [finding.ruleId, finding])).values()];
  const changesOf = lastChanges(data.changes);
  const rulePlaces = new Map(rules.map(({ ruleId }, place) => [ruleId, place]));
  return {
    words: REACH_WORDS,
    severities: SEVERITIES,
    reserved: RESERVED,
    servers: servers.map((server) => ({ ...pageServer(server), ...changesOf(server.serverId) })),
    rules: rules.map(pageRule),
    findings: findings.map((finding) =>
      pageFinding(finding, places.get(finding.serverId) ?? -1, rulePlaces.get(finding.ruleId) ?? -1),
    ),
  };
}

function pageRule({ ruleId, ruleTitle, documentation }: FindingView) {
  return {
    id: shown(ruleId, NAME),
    title: shown(ruleTitle, NAME),
    // Anything else, such as javascript:, is no link.
    link: /^https:\/\/[\w./#?=&%+-]+$/.test(documentation) ? documentation : '',
  };
}

export type PageModel = ReturnType<typeof pageModel>;
