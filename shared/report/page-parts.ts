import type { Reach } from '../exposure.ts';
import type { Severity } from '../model.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import type { PageServer } from './page-model.ts';
import { REACH_WORDS } from './words.ts';

/** Address inside of the page that opens one server. */
export function serverLink(id: string, name: string): Markup {
  return html`<a class="server" href="#server=${encodeURIComponent(id.toWellFormed())}">${name}</a>`;
}

/** The reach with its colour and its word. */
export function reachBadge(reach: Reach): Markup {
  return html`<span class="reach ${reach}">${REACH_WORDS[reach].label}</span>`;
}

/** The severity with its colour and its word. */
export function severityBadge(severity: Severity): Markup {
  return html`<span class="severity ${severity.toLowerCase()}">${severity}</span>`;
}

/** Marks of the bars: 1, /24, /16, /8 and all addresses. Units: 10 for each doubling. */
const MARKS = [90, 170, 250];

/** Bar of the public addresses; the count stands beside it in words, so readers aloud skip it. */
export function addressBar({ bar, reach, azure }: Pick<PageServer, 'bar' | 'reach' | 'azure'>): Markup {
  const marks = MARKS.map((x) => html`<path d="M${x} 0V10" />`);
  return html`<svg
    class="bar ${bar === null ? 'unknown' : reach}"
    viewBox="0 0 330 10"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="track" width="330" height="10" />
    ${azure ? html`<path class="azure" d="M0 5H330" />` : NOTHING}
    <rect class="fill" width="${bar ?? 0}" height="10" />
    ${marks}
  </svg>`;
}

/** A list, or nothing where it would be empty. */
export function bullets(items: readonly (string | Markup)[]): Markup {
  if (items.length === 0) return NOTHING;
  return html`<ul>
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;
}
