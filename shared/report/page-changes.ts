import { clip, visible } from './escape.ts';
import type { ChangeView } from './report-data.ts';
import { actorWords, timeWords } from './words.ts';

/** Changes that the details of one server list, the newest; the others are counted. */
const MOST_CHANGES = 10;

const shown = (text: string, max: number): string => visible(clip(text, max));

/** One change of a server as its details show it; all its texts are safe to show. */
export function pageChange(view: ChangeView) {
  const { status, actorAddress: address } = view;
  return {
    time: timeWords(view.eventTime),
    outcome: view.outcome,
    summary: shown(view.summary, 2_000),
    author: shown(actorWords(view), 240),
    from: address === '' ? '' : shown(` from ${address}`, 80),
    // That it succeeded goes without saying.
    operation: shown(view.operation + (/^succeeded$/i.test(status) ? '' : ` (${status})`), 320),
  };
}

interface LastChanges {
  readonly changes: readonly ReturnType<typeof pageChange>[];
  /** How many older ones are left out. */
  readonly moreChanges: number;
}

/** The last changes of each server that has any, newest first as they come. */
export function lastChanges(views: readonly ChangeView[]): (serverId: string) => LastChanges {
  const byServer = Map.groupBy(views, ({ serverId }) => serverId);
  return (serverId) => {
    const all = byServer.get(serverId) ?? [];
    return {
      changes: all.slice(0, MOST_CHANGES).map(pageChange),
      moreChanges: Math.max(0, all.length - MOST_CHANGES),
    };
  };
}
