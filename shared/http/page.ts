import type { HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { hashOf } from '../identity.ts';
import { badRequest, json } from './answers.ts';

export const DEFAULT_TOP = 500;
export const MAX_TOP = 1000;
/** The query parameters of every list. */
export const PAGING = ['top', 'continuationToken'] as const;

/** An item of a list with its place in it. */
export interface Item<View> {
  readonly view: View;
  /** Orders the list; unique. */
  readonly key: string;
  /** When the key last changed: sortable text of one clock. */
  readonly movedAt: string;
}

const Cursor = z.strictObject({
  /** Names the list and its filters. */
  list: z.string().max(64),
  /** The last move that the first page knew. */
  since: z.string().max(64),
  /** The last item of the page before. */
  after: z.tuple([z.string().max(2048), z.string().max(2048)]),
});
type Cursor = z.infer<typeof Cursor>;

/**
 * One page of a list. What moves while somebody reads the pages comes again at the end instead of slipping past: an item
 * may come twice, none is left out.
 */
export function page<View>(
  items: readonly Item<View>[],
  query: URLSearchParams,
  list: string,
): HttpResponseInit {
  const top = topOf(query.get('top'));
  if (top === undefined) return badRequest(`top is a whole number from 1 to ${MAX_TOP}.`);
  const filters = [...query].filter(([name]) => !(PAGING as readonly string[]).includes(name)).sort();
  const name = hashOf(JSON.stringify([list, filters])).slice(0, 32);
  const token = query.get('continuationToken');
  const cursor = token === null ? undefined : cursorOf(token, name);
  if (token !== null && !cursor) {
    return badRequest('The continuationToken is not of this list with these filters; begin without one.');
  }
  const newest = items.reduce((latest, { movedAt }) => (movedAt > latest ? movedAt : latest), '');
  const since = cursor?.since ?? newest;
  const placed = items
    .map((item) => ({ item, place: [item.movedAt > since ? item.movedAt : '', item.key] as const }))
    .filter(({ place }) => !cursor || isAfter(place, cursor.after))
    .sort((a, b) => (isAfter(a.place, b.place) ? 1 : -1));
  const shown = placed.slice(0, top);
  const last = shown.at(-1);
  const next = last && placed.length > top ? { list: name, since, after: [...last.place] } : undefined;
  return json(200, {
    value: shown.map(({ item }) => item.view),
    ...(next ? { continuationToken: Buffer.from(JSON.stringify(next)).toString('base64url') } : {}),
  });
}

function topOf(text: string | null): number | undefined {
  if (text === null) return DEFAULT_TOP;
  const top = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return top >= 1 && top <= MAX_TOP ? top : undefined;
}

/** Undefined for a token that we did not make for this list. */
function cursorOf(token: string, name: string): Cursor | undefined {
  if (!/^[\w-]{1,6000}$/.test(token)) return undefined;
  try {
    const text = Buffer.from(token, 'base64url').toString('utf8');
    const cursor = Cursor.safeParse(JSON.parse(text)).data;
    return cursor?.list === name ? cursor : undefined;
  } catch {
    return undefined;
  }
}

function isAfter(a: readonly [string, string], b: readonly [string, string]): boolean {
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}
