import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { embedJson, escapeHtml } from './escape.ts';
import { html } from './markup.ts';
import { exemptionsSection, findingsSection } from './page-findings.ts';
import { filtersForm } from './page-filters.ts';
import { pageModel } from './page-model.ts';
import { coverageSection, wideningSection } from './page-news.ts';
import { serversSection } from './page-servers.ts';
import { pageHeader, pageSummary } from './page-summary.ts';
import type { ReportData } from './report-data.ts';

// A browser hashes inline code with line feeds only, whatever the file had.
const lineFeeds = (text: string) => text.replace(/\r\n?/g, '\n');
const STYLE = lineFeeds(readFileSync(new URL('./page.css', import.meta.url), 'utf8'));
const SCRIPT = lineFeeds(readFileSync(new URL('./page.js', import.meta.url), 'utf8'));

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; img-src data:; base-uri 'none'; form-action 'none'`;

/** One HTML file that shows the estate; it asks nothing of any host, and runs no code but its own script. */
export function reportHtml(data: ReportData): string {
  const model = pageModel(data);
  const { markup } = html`<a class="skip" href="#main">Skip to the report</a>
    ${pageHeader(data)}
    <main id="main" tabindex="-1">
      ${pageSummary(data)}
      <div class="panels">${wideningSection(data)} ${coverageSection(data)}</div>
      ${filtersForm()} ${serversSection(model)} ${findingsSection(model)}
      ${exemptionsSection(model, data.generatedAt)}
    </main>
    <footer><p>Database Exposure Monitor ${data.appVersion}</p></footer>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(`Database exposure, ${data.scope}`, 200)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${markup}
<script type="application/json" id="data">${embedJson(model)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
