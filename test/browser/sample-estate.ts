import { join } from 'node:path';
import { getJson } from '../../local/api-client.ts';
import { loadEstate } from '../../local/azure/index.ts';
import { drifts } from '../../local/demo.ts';
import type { Stack } from '../../local/stack.ts';
import type { ChangeView, FindingView, ServerView } from '../../shared/report/report-data.ts';
import { startCloud, sweepToEnd, until } from '../end-to-end/cloud.ts';

const ESTATE = join(import.meta.dirname, '..', '..', 'local', 'estate');

/** What the app's routes tell of the estate. */
export interface Told {
  readonly servers: readonly ServerView[];
  /** The open ones. */
  readonly findings: readonly FindingView[];
}

export type OneServer = ServerView & { readonly changes: readonly ChangeView[] };

/** The sample estate, swept, with the three changes of the first minute made and read. */
export async function startSampleEstate(): Promise<Stack> {
  const stack = await startCloud(await loadEstate(ESTATE));
  try {
    await sweepToEnd(stack);
    for (const drift of drifts(stack.azure)) {
      await drift.make();
      await until(drift.title, async () => {
        const { changes } = await tellServer(stack, drift.serverId);
        return changes.length > 0 ? changes : undefined;
      });
    }
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}

export async function tell({ url }: Pick<Stack, 'url'>): Promise<Told> {
  const [servers, findings] = await Promise.all([
    getJson<{ value: ServerView[] }>(`${url}/api/servers?top=1000`),
    getJson<{ value: FindingView[] }>(`${url}/api/findings?state=open&top=1000`),
  ]);
  return { servers: servers.value, findings: findings.value };
}

export function tellServer({ url }: Pick<Stack, 'url'>, serverId: string): Promise<OneServer> {
  return getJson<OneServer>(`${url}/api/servers${serverId}`);
}
