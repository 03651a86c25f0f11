import { html, type Markup, NOTHING } from './markup.ts';
import type { PageFinding, PageModel } from './page-model.ts';
import { serverLink, severityBadge } from './page-parts.ts';
import { counted, numberWords } from './words.ts';

/** Open findings that stand in the page itself, the worst; the script shows all of them. */
export const STATIC_FINDINGS = 500;

/** Findings with evidence and remedy, worst first. */
export function findingsSection(model: PageModel): Markup {
  const open = model.findings.filter(({ state }) => state === 'Open');
  const rest = open.length - STATIC_FINDINGS;
  return html`<section aria-labelledby="findings-title">
    <h2 id="findings-title">Open findings, worst first</h2>
    <div id="findings">
      ${open.length === 0 ? html`<p class="quiet">No open finding.</p>` : NOTHING}
      ${open.slice(0, STATIC_FINDINGS).map((finding) => article(finding, model))}
    </div>
    <noscript
      >${rest > 0 ? html`<p class="note">${counted(rest, 'less severe finding')} more: these need JavaScript.</p>` : NOTHING}</noscript
    >
    <nav id="finding-pages" aria-label="Pages of findings" hidden></nav>
  </section>`;
}

function article(finding: PageFinding, model: PageModel): Markup {
  const server = finding.about ?? model.servers[finding.server];
  const rule = model.rules[finding.rule];
  return html`<article class="finding">
    <h3>${severityBadge(finding.severity)} ${rule?.title ?? ''}</h3>
    <p class="where">
      ${server ? html`${serverLink(server.id, server.name)} <span class="quiet">${server.family}</span>` : NOTHING}
      ${finding.subject === '' ? NOTHING : html`<code>${finding.subject}</code>`}
    </p>
    <p>${finding.summary}</p>
    ${
      finding.resolvesAfter === ''
        ? NOTHING
        : html`<p class="note">
            Looks fixed. It resolves when a second reading at or after ${finding.resolvesAfter} agrees.
          </p>`
    }
    ${finding.fix === '' ? NOTHING : html`<p class="fix"><b>Remedy:</b> ${finding.fix}</p>`}
    ${
      finding.command === ''
        ? NOTHING
        : html`<div class="command">
            <pre><code>${finding.command}</code></pre>
          </div>`
    }
    ${evidence(finding)}
    <p class="quiet">
      Opened ${finding.opened}; ${finding.author}; last seen ${finding.seen}; rule
      ${
        rule && rule.link !== ''
          ? html`<a href="${rule.link}" rel="noopener noreferrer">${rule.id}</a>`
          : html`<code>${rule?.id ?? ''}</code>`
      }
    </p>
  </article>`;
}

function evidence({ evidence }: PageFinding): Markup {
  if (evidence.length === 0) return NOTHING;
  return html`<details>
    <summary>Evidence</summary>
    <dl>
      ${evidence.map(
        ([key, value]) =>
          html`<dt>${key ?? ''}</dt>
            <dd>${value ?? ''}</dd>`,
      )}
    </dl>
  </details>`;
}

/** Accepted findings, the one that ends first at the top. */
export function exemptionsSection(model: PageModel, generatedAt: string): Markup {
  const exempted = model.findings
    .filter(({ state }) => state === 'Exempted')
    .sort((a, b) => ends(a) - ends(b));
  if (exempted.length === 0) return NOTHING;
  return html`<section aria-labelledby="exemptions">
    <h2 id="exemptions">Exemptions</h2>
    <div class="scroll" role="region" aria-label="Table of exemptions" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Ends</th>
            <th scope="col">Finding</th>
            <th scope="col">Server</th>
            <th scope="col">Owner</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          ${exempted.slice(0, STATIC_FINDINGS).map((finding) => exemptionRow(finding, model, generatedAt))}
        </tbody>
      </table>
    </div>
    ${
      exempted.length > STATIC_FINDINGS
        ? html`<p class="quiet">and ${numberWords(exempted.length - STATIC_FINDINGS)} that end later.</p>`
        : NOTHING
    }
  </section>`;
}

function ends({ exemption }: PageFinding): number {
  const end = Date.parse(exemption?.expires ?? '');
  return Number.isNaN(end) ? -Infinity : end;
}

function exemptionRow(finding: PageFinding, model: PageModel, generatedAt: string): Markup {
  const server = finding.about ?? model.servers[finding.server];
  const days = Math.ceil((ends(finding) - Date.parse(generatedAt)) / 86_400_000);
  return html`<tr>
    <th scope="row">
      ${finding.exemption?.expires ?? 'unknown'}
      <small>${Number.isFinite(days) ? (days > 0 ? `in ${counted(days, 'day')}` : 'ended') : ''}</small>
    </th>
    <td>${severityBadge(finding.severity)} ${model.rules[finding.rule]?.title ?? ''}</td>
    <td>${server ? serverLink(server.id, server.name) : ''}</td>
    <td>${finding.exemption?.owner ?? 'unknown'}</td>
    <td>${finding.exemption?.reason ?? 'unknown'}</td>
  </tr>`;
}
