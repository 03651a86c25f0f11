import { REACHES } from '../exposure.ts';
import { layOut } from './columns.ts';
import { byExposure, bySeverity, severityRank } from './order.ts';
import type { FindingView, ReportData, ServerView } from './report-data.ts';
import { REACH_STYLES, SEVERITY_STYLES, styled } from './terminal-colour.ts';
import { padColumns, plain, wrapPlain } from './terminal-text.ts';
import {
  addressWords,
  counted,
  familyWords,
  numberWords,
  noServerWords,
  REACH_WORDS,
  timeWords,
} from './words.ts';

export { findingLine } from './finding-line.ts';
export { plain } from './terminal-text.ts';

export interface TableOptions {
  readonly colour: boolean;
  /** Terminal columns, taken as 40 where it is less; no line is longer. */
  readonly width: number;
}

const MOST_FINDINGS = 30;

/** The estate for a terminal: servers worst first, a count per reach, what could not be read, the worst findings. */
export function reportTable(data: ReportData, { colour, width }: TableOptions): string {
  const room = Math.max(40, Math.floor(width));
  const servers = [...data.servers].sort(byExposure);
  const parts = [
    heading(data, room),
    servers.length > 0 ? serverLines(servers, room, colour) : [noServerWords(data)],
    reachLines(servers, room, colour),
    unreadLines(data, room, colour),
    findingLines(data.findings, room, colour),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function heading(data: ReportData, width: number): readonly string[] {
  const sweep = data.lastSweep;
  const partial = sweep?.partial ? ', not complete' : '';
  return [
    ...wrapPlain(`Database exposure of ${data.scope}, ${timeWords(data.generatedAt)}`, width),
    ...(sweep ? wrapPlain(`Last sweep finished ${timeWords(sweep.finishedAt)}${partial}`, width) : []),
  ];
}

function serverLines(servers: readonly ServerView[], width: number, colour: boolean): readonly string[] {
  const cells = (cell: (server: ServerView) => string) => servers.map((server) => plain(cell(server), 90));
  return layOut(
    [
      {
        title: 'REACH',
        cells: cells(({ reach }) => REACH_WORDS[reach].label),
        styles: servers.map(({ reach }) => REACH_STYLES[reach]),
        min: 12,
        drop: 0,
      },
      {
        title: 'PUBLIC ADDRESSES',
        cells: cells((server) => addressWords(server.publicAddresses, server.azureServices)),
        right: true,
        min: 21,
        drop: 5,
      },
      { title: 'SERVER', cells: cells(({ serverName }) => serverName), enough: 40, min: 12, drop: 0 },
      { title: 'FAMILY', cells: cells(({ serverFamily }) => familyWords(serverFamily)), min: 8, drop: 2 },
      { title: 'SUBSCRIPTION', cells: cells(({ subscriptionRef }) => subscriptionRef), min: 9, drop: 1 },
      {
        title: 'WORST',
        cells: cells(({ worstSeverity }) => worstSeverity || '-'),
        styles: servers
          .map(({ worstSeverity }) => worstSeverity && SEVERITY_STYLES[worstSeverity])
          .map(orNone),
        min: 8,
        drop: 4,
      },
      {
        title: 'OPEN',
        cells: cells(({ openFindings }) => openFindings.toString()),
        right: true,
        min: 4,
        drop: 3,
      },
    ],
    width,
    colour,
  );
}

function orNone<Value>(value: Value | ''): Value | undefined {
  return value === '' ? undefined : value;
}

function reachLines(servers: readonly ServerView[], width: number, colour: boolean): readonly string[] {
  const counts = REACHES.map((reach) => ({
    reach,
    count: servers.filter((server) => server.reach === reach).length,
  }));
  return [
    counted(servers.length, 'server'),
    ...counts.map(({ reach, count }) => {
      const { label, meaning } = REACH_WORDS[reach];
      const line = plain(`${padColumns(label, 12)} ${count.toString().padStart(7)}  ${meaning}`, width);
      return styled(line, count > 0 ? REACH_STYLES[reach] : 'grey', colour);
    }),
  ];
}

/** Coverage stands before the findings: what was not read is not a pass. */
function unreadLines(data: ReportData, width: number, colour: boolean): readonly string[] {
  const incomplete = data.servers.filter(({ complete }) => !complete).length;
  const all = [
    ...(incomplete > 0 ? [`${counted(incomplete, 'server')} could not be read completely.`] : []),
    ...data.problems,
  ];
  if (all.length === 0) return [];
  return [styled('Not covered', 'bold', colour), ...all.flatMap((problem) => bullet(problem, width))];
}

function bullet(text: string, width: number): readonly string[] {
  return wrapPlain(text, width - 2).map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`));
}

function findingLines(findings: readonly FindingView[], width: number, colour: boolean): readonly string[] {
  const open = findings.filter(({ state }) => state === 'Open');
  const severe = open
    .filter(({ severity }) => severityRank(severity) <= severityRank('High'))
    .sort(bySeverity);
  const less = open.length - severe.length;
  const rest = less > 0 ? [`${counted(less, 'open finding')} of Medium or less.`] : [];
  if (severe.length === 0) return ['No open finding of High or worse.', ...rest];
  const more = severe.length - MOST_FINDINGS;
  return [
    styled('Open findings of High or worse', 'bold', colour),
    ...severe.slice(0, MOST_FINDINGS).flatMap((finding) => severeLines(finding, width, colour)),
    ...(more > 0 ? [`... and ${numberWords(more)} more.`] : []),
    ...rest,
  ];
}

function severeLines(finding: FindingView, width: number, colour: boolean): readonly string[] {
  const indent = ' '.repeat(10);
  const about = finding.resolvesAfter === null ? '' : ' Looks fixed: a second reading has to confirm it.';
  const [first = '', ...others] = wrapPlain(
    `${plain(finding.serverName, 60)}: ${plain(finding.summary, 400)}${about}`,
    width - indent.length,
  );
  const label = styled(padColumns(finding.severity, 8), SEVERITY_STYLES[finding.severity], colour);
  return [`${label}  ${first}`, ...others.map((line) => indent + line)];
}
