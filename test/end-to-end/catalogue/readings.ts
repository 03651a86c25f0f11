import type { FindingView, ServerView } from '../../../shared/report/report-data.ts';
import { getJson } from '../../../local/api-client.ts';
import { until } from '../cloud.ts';
import type { ShiftedCloud } from './shifted-cloud.ts';

type Cloud = Pick<ShiftedCloud, 'url'>;

/** Reads every server in full, and waits until that is done. */
export async function scanAll({ url }: Cloud): Promise<void> {
  const answer = await fetch(`${url}/api/scans`, { method: 'POST' });
  const { id } = (await answer.json()) as { readonly id?: string };
  if (id === undefined) throw new Error(`The scan was answered with ${answer.status}.`);
  await until('the end of the scan', async () => {
    const { finished } = await getJson<{ readonly finished: boolean }>(`${url}/api/scans/${id}`);
    return finished || undefined;
  });
}

/** Approves the exposure of a server that the API shows. */
export async function approve({ url }: Cloud, serverId: string): Promise<void> {
  const seen = await fetch(`${url}/api/servers${serverId}`);
  await seen.arrayBuffer();
  const answer = await fetch(`${url}/api/baselines${serverId}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': seen.headers.get('etag') ?? '' },
    body: JSON.stringify({ reason: 'As planned' }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The approval of ${serverId} answered ${answer.status}: ${text}`);
}

/** Every open finding as the API tells it. */
export async function openFindings({ url }: Cloud): Promise<readonly FindingView[]> {
  const { value, continuationToken } = await getJson<{
    readonly value: readonly FindingView[];
    readonly continuationToken?: string;
  }>(`${url}/api/findings?state=open&top=1000`);
  if (continuationToken !== undefined) throw new Error('There are more findings than one page holds.');
  return value;
}

/** One server as the API tells it, with its open findings. */
export function serverOf(
  { url }: Cloud,
  serverId: string,
): Promise<ServerView & { readonly findings: readonly FindingView[] }> {
  return getJson(`${url}/api/servers${serverId}`);
}
