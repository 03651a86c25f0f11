import { AzureError } from './azure-error.ts';
import { header, parameter, type Answer, type Exchange } from './http.ts';
import type { Json } from './json.ts';

const offsetOf = (token: string | undefined): number => {
  if (token === undefined) return 0;
  const text = Buffer.from(token, 'base64url').toString();
  const offset = /^from:(\d+)$/.exec(text)?.[1];
  if (offset === undefined) throw new AzureError(400, 'InvalidSkipToken', 'The $skiptoken is invalid.');
  return Number(offset);
};

/** One page of a list as `{ value, nextLink }`; the link is absolute and on the host that was asked. */
export const page = (exchange: Exchange, items: readonly Json[], size: number): Answer => {
  const offset = offsetOf(parameter(exchange, '$skiptoken'));
  const value = items.slice(offset, offset + size);
  if (offset + size >= items.length) return { status: 200, body: { value } };
  const query = new URLSearchParams(exchange.query);
  for (const key of [...query.keys()]) if (key.toLowerCase() === '$skiptoken') query.delete(key);
  query.set('$skiptoken', Buffer.from(`from:${offset + size}`).toString('base64url'));
  const path = exchange.target.split('?')[0] ?? '';
  const nextLink = `https://${header(exchange, 'host') ?? 'localhost'}${path}?${query.toString()}`;
  return { status: 200, body: { value, nextLink } };
};
