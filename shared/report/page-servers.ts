import { html, type Markup, NOTHING } from './markup.ts';
import type { PageModel, PageServer } from './page-model.ts';
import { addressBar, reachBadge, serverLink, severityBadge } from './page-parts.ts';
import { counted, numberWords } from './words.ts';

/** Servers that stand in the page itself; the script shows all of them, as many at a time. */
export const STATIC_SERVERS = 200;

const COLUMNS = [
  ['name', 'Server'],
  ['reach', 'Reach'],
  ['addresses', 'Public addresses'],
  ['private', 'Private path'],
  ['worst', 'Findings'],
  ['subscription', 'Subscription'],
] as const;

/** The table of servers, the most exposed first, with the controls that the script brings to life. */
export function serversSection({ servers }: PageModel): Markup {
  const first = servers.slice(0, STATIC_SERVERS);
  return html`<section aria-labelledby="servers-title">
    <h2 id="servers-title">Servers, most exposed first</h2>
    <p class="quiet" id="bars-note">
      A bar shows how many public addresses may connect. Each mark is 256 times the one before: 1, 256,
      65,536, 16.8 million, all. A striped bar: every public address of Azure as well.
    </p>
    <div class="scroll" role="region" aria-label="Table of servers" tabindex="0">
      <table id="servers" aria-describedby="bars-note">
        <thead>
          <tr>
            ${COLUMNS.map(([key, title]) => html`<th scope="col" data-sort="${key}">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${
            first.length === 0
              ? html`<tr>
                  <td colspan="${COLUMNS.length}">No server.</td>
                </tr>`
              : first.map(row)
          }
        </tbody>
      </table>
    </div>
    <noscript
      >${
        servers.length > first.length
          ? html`<p class="note">
              The ${numberWords(first.length)} most exposed of ${counted(servers.length, 'server')}. The
              others, search and filters need JavaScript.
            </p>`
          : NOTHING
      }</noscript
    >
    <nav id="pages" aria-label="Pages of servers" hidden></nav>
  </section>`;
}

function row(server: PageServer): Markup {
  return html`<tr>
    <th scope="row">
      ${serverLink(server.id, server.name)}
      <small>${server.family}, ${server.location}</small>
    </th>
    <td>${reachBadge(server.reach)}</td>
    <td class="addresses"><b>${server.count}</b>${addressBar(server)}<small>${server.widest}</small></td>
    <td>${server.private}</td>
    <td>
      ${server.worst === '' ? html`<span class="quiet">none open</span>` : openFindings(server.worst, server.open)}
    </td>
    <td class="id">${server.subscription}</td>
  </tr>`;
}

function openFindings(worst: Exclude<PageServer['worst'], ''>, open: number): Markup {
  return html`${severityBadge(worst)} <small>${numberWords(open)} open</small>`;
}
