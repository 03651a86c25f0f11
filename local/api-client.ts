import type { ChangeView, FindingView, ReportData, ServerView } from '../shared/report/report-data.ts';

/** JSON of one of the app's routes; throws with the problem's sentence. */
export async function getJson<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  const body = (await response.json()) as Body & { readonly detail?: string };
  if (!response.ok) throw new Error(body.detail ?? `${url} answered ${response.status}`);
  return body;
}

/** What the terminal's table shows, from the app's own routes. */
export async function readReport(url: string, scope: string): Promise<ReportData> {
  const [servers, findings] = await Promise.all([
    getJson<{ value: ServerView[] }>(`${url}/api/servers?top=1000`),
    getJson<{ value: FindingView[] }>(`${url}/api/findings?state=open&top=1000`),
  ]);
  const changes: ChangeView[] = [];
  return {
    generatedAt: new Date().toISOString(),
    appVersion: '',
    scope,
    lastSweep: null,
    servers: servers.value,
    findings: findings.value,
    changes,
    problems: [],
  };
}

/** Runs a timer function now, as the Functions host has it. */
export async function runNow(url: string, name: string): Promise<void> {
  const response = await fetch(`${url}/admin/functions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: '' }),
  });
  if (response.status !== 202) throw new Error(`${name} could not be started (${response.status})`);
}
