import type { Reach } from '../exposure.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { bullets, reachBadge, serverLink } from './page-parts.ts';
import type { ChangeView, ReportData } from './report-data.ts';
import { actorWords, counted, timeWords } from './words.ts';

const WEEK = 7 * 24 * 3_600_000;
const MOST_CHANGES = 50;
const MOST_UNREAD = 50;

/** What got wider in the seven days before the report was made, and who did it. */
export function wideningSection(data: ReportData): Markup {
  const end = Date.parse(data.generatedAt);
  // A time that cannot be read is not a reason to leave a change out.
  const recent = data.changes.filter(({ eventTime }) => !(end - Date.parse(eventTime) > WEEK));
  const wider = recent.filter(({ outcome }) => outcome === 'Widened');
  const unread = recent.filter(({ outcome }) => outcome === 'Unreadable').length;
  const reaches = new Map(data.servers.map(({ serverId, reach }) => [serverId, reach]));
  return html`<section class="panel" aria-labelledby="wider" tabindex="0">
    <h2 id="wider">Wider in the last seven days</h2>
    ${
      wider.length === 0
        ? html`<p class="quiet">
            ${data.isScan ? 'A scan sees what is, not what changed.' : 'No change on record made a server wider.'}
          </p>`
        : html`<ol class="changes">
            ${wider.slice(0, MOST_CHANGES).map((view) => change(view, reaches.get(view.serverId)))}
          </ol>`
    }
    ${
      wider.length > MOST_CHANGES
        ? html`<p class="quiet">and ${counted(wider.length - MOST_CHANGES, 'older change')}.</p>`
        : NOTHING
    }
    ${
      unread > 0
        ? html`<p class="note">The effect of ${counted(unread, 'other change')} could not be read.</p>`
        : NOTHING
    }
  </section>`;
}

/** With the reach of the server as it is now: what was taken back since is no longer news to act on. */
function change(view: ChangeView, now: Reach | undefined): Markup {
  return html`<li>
    <p>${serverLink(view.serverId, view.serverName)} ${view.summary}</p>
    <p class="quiet">
      <time datetime="${view.eventTime}">${timeWords(view.eventTime)}</time>, by
      <b>${actorWords(view)}</b>${view.actorAddress === '' ? '' : ` from ${view.actorAddress}`}<br /><code
        >${view.operation}</code
      ><br />${now === undefined ? 'The server is gone.' : html`Now: ${reachBadge(now)}`}
    </p>
  </li>`;
}

/** Problems of coverage: what is not seen here is not safe. */
export function coverageSection(data: ReportData): Markup {
  const unread = data.servers.filter(({ complete }) => !complete);
  const servers = unread.slice(0, MOST_UNREAD).map(
    ({ serverId, serverName, unreadable }) =>
      html`${serverLink(serverId, serverName)}:
      ${Object.entries(unreadable)
        .map(([facet, why]) => `${facet}: ${why}`)
        .join('; ')}`,
  );
  const unclear = data.servers.filter(({ reach, complete }) => complete && reach === 'unknown').length;
  const none = data.problems.length === 0 && unread.length === 0;
  const whole = data.isScan ?? (data.lastSweep !== null && !data.lastSweep.partial);
  return html`<section class="panel" aria-labelledby="coverage" tabindex="0">
    <h2 id="coverage">What could not be read</h2>
    ${none ? html`<p class="quiet">${whole ? 'Everything in scope was read.' : partialWords(data)}</p>` : NOTHING}
    ${
      unclear > 0
        ? html`<p>
            <a href="#reach=unknown">${counted(unclear, 'server')}</a> could be read but not judged: what was
            read does not tell who may connect.
          </p>`
        : NOTHING
    }
    ${bullets(data.problems)}
    ${
      unread.length > 0
        ? html`<p>
              <a href="#incomplete=1">${counted(unread.length, 'server')}</a> could not be read completely:
            </p>
            ${bullets(servers)}`
        : NOTHING
    }
    ${
      unread.length > MOST_UNREAD
        ? html`<p class="quiet">and ${counted(unread.length - MOST_UNREAD, 'more', 'more')}.</p>`
        : NOTHING
    }
  </section>`;
}

function partialWords({ lastSweep }: ReportData): string {
  return lastSweep ? 'The last sweep was not complete.' : 'No problem is on record.';
}
