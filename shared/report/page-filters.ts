import { REACHES } from '../exposure.ts';
import { SEVERITIES } from '../model.ts';
import { html, type Markup } from './markup.ts';
import { REACH_WORDS } from './words.ts';

/** Search and filters; hidden until the script works them. Subscriptions and families are filled in by the script. */
export function filtersForm(): Markup {
  return html`<form id="filters" role="search" aria-label="Servers and findings" hidden>
    <p class="wide">
      <label for="q">Search, or an IPv4 address to see who admits it</label>
      <input id="q" name="q" type="search" maxlength="200" autocomplete="off" spellcheck="false" />
    </p>
    <p>
      <label for="reach">Reach</label>
      <select id="reach" name="reach">
        <option value="">any</option>
        ${REACHES.map((reach) => html`<option value="${reach}">${REACH_WORDS[reach].label}</option>`)}
      </select>
    </p>
    <p>
      <label for="severity">Severity</label>
      <select id="severity" name="severity">
        <option value="">any</option>
        ${SEVERITIES.map((severity) => html`<option>${severity}</option>`)}
      </select>
    </p>
    <p>
      <label for="family">Family</label>
      <select id="family" name="family">
        <option value="">any</option>
      </select>
    </p>
    <p>
      <label for="subscription">Subscription</label>
      <select id="subscription" name="subscription">
        <option value="">any</option>
      </select>
    </p>
    <p>
      <label for="state">Findings</label>
      <select id="state" name="state">
        <option value="">open</option>
        <option value="Exempted">exempted</option>
        <option value="Resolved">resolved</option>
        <option value="all">all</option>
      </select>
    </p>
    <p class="check">
      <input id="incomplete" name="incomplete" type="checkbox" value="1" />
      <label for="incomplete">not completely read</label>
    </p>
    <p class="result">
      <output id="count" aria-live="polite"></output>
      <button type="reset">Clear</button>
    </p>
  </form>`;
}
