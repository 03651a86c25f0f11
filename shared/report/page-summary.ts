import { type Reach, REACHES } from '../exposure.ts';
import { SEVERITIES } from '../model.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { reachBadge, severityBadge } from './page-parts.ts';
import type { ReportData } from './report-data.ts';
import { counted, numberWords, noServerWords, REACH_WORDS, timeWords } from './words.ts';

type Counts = Readonly<Record<Reach, number>>;

function countsOf({ servers }: ReportData): Counts {
  const counts: Record<Reach, number> = {
    internet: 0,
    azure: 0,
    wide: 0,
    listed: 0,
    private: 0,
    none: 0,
    unknown: 0,
  };
  for (const { reach } of servers) counts[reach] += 1;
  return counts;
}

/** Title, what was looked at and when, the verdict, servers by reach, open findings by severity. */
export function pageSummary(data: ReportData): Markup {
  const counts = countsOf(data);
  return html`<section aria-labelledby="verdict">
    <h2 id="verdict" class="verdict">${verdict(counts, data)}</h2>
    ${sharesBar(counts, data.servers.length)}
    <ol class="tiles" aria-label="Servers by reach, widest first">
      ${REACHES.map((reach) => tile(reach, counts[reach]))}
    </ol>
    ${severities(data)}
  </section>`;
}

/** The worst news first, and never good news while something is unknown. */
function verdict(counts: Counts, data: ReportData): string {
  if (data.servers.length === 0) return noServerWords(data);
  const unknown = counts.unknown > 0 ? ` ${counted(counts.unknown, 'server')} could not be judged.` : '';
  return worst(counts) + unknown;
}

function worst({ internet, azure, wide, listed, unknown }: Counts): string {
  if (internet > 0) return `${counted(internet, 'server')} can be reached from the whole Internet.`;
  if (azure > 0) return `${counted(azure, 'server')} can be reached from any Azure tenant.`;
  if (wide > 0)
    return `${counted(wide, 'server')} can be reached from more addresses than the policy allows.`;
  if (listed > 0) return `${counted(listed, 'server')} can be reached from listed public addresses.`;
  return unknown > 0
    ? 'No server is known to have a public path.'
    : 'No server can be reached from public addresses.';
}

function sharesBar(counts: Counts, total: number): Markup {
  if (total === 0) return NOTHING;
  let x = 0;
  const parts = REACHES.map((reach) => {
    const width = Math.round((counts[reach] / total) * 10_000) / 10;
    const part = html`<rect class="${reach}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="10" />`;
    x += width;
    return part;
  });
  return html`<svg class="shares" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
    ${parts}
  </svg>`;
}

function tile(reach: Reach, count: number): Markup {
  return html`<li class="${count > 0 ? 'some' : 'zero'}">
    <a href="#reach=${reach}"
      ><strong>${numberWords(count)}</strong> ${reachBadge(reach)}
      <small>${REACH_WORDS[reach].meaning}</small></a
    >
  </li>`;
}

function severities({ findings }: ReportData): Markup {
  const open = findings.filter(({ state }) => state === 'Open');
  if (open.length === 0) return html`<p class="severities">No open finding.</p>`;
  const each = SEVERITIES.map((severity) => ({
    severity,
    count: open.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0);
  return html`<p class="severities">
    <span>${counted(open.length, 'open finding')}:</span>
    ${each.map(
      ({ severity, count }) =>
        html`<a href="#severity=${severity}"><b>${numberWords(count)}</b> ${severityBadge(severity)}</a> `,
    )}
  </p>`;
}

/** The page's first lines. */
export function pageHeader(data: ReportData): Markup {
  const sweep = data.lastSweep;
  return html`<header>
    <h1>Database exposure</h1>
    <p class="scope">${data.scope}</p>
    <p class="times">
      As of <time datetime="${data.generatedAt}">${timeWords(data.generatedAt)}</time>.
      ${
        data.isScan
          ? html`One scan, without a history.`
          : sweep
            ? html`Last sweep finished
                <time datetime="${sweep.finishedAt}">${timeWords(sweep.finishedAt)}</time
                >${sweep.partial ? html`, <strong>not complete</strong>` : NOTHING}.`
            : html`No sweep has finished yet.`
      }
    </p>
  </header>`;
}
