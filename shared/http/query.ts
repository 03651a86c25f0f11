import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { badRequest, quoted } from './answers.ts';

const SHOWN = 5;

/** 400 for parameters that a route does not know (a filter that is misspelt must not mean "no filter"), or that stand twice. */
export function unknownQuery(
  { url }: Pick<HttpRequest, 'url'>,
  known: readonly string[],
): HttpResponseInit | undefined {
  const given = [...new URL(url).searchParams.keys()];
  const unknown = [...new Set(given)].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const names = unknown.slice(0, SHOWN).map(quoted).join(', ');
    const allowed = known.length > 0 ? `it knows ${known.join(', ')}` : 'it knows none';
    return badRequest(`The route does not know the query parameter ${names}; ${allowed}.`);
  }
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  return twice === undefined ? undefined : badRequest(`The query parameter ${twice} is given twice.`);
}
