import { escapeHtml } from './escape.ts';

/** HTML that is safe to write out: only `html` makes it, and it escapes all text that it takes in. */
export interface Markup {
  readonly markup: string;
}

export type Part = string | number | Markup | readonly Markup[];

/** A template of HTML: texts are escaped, markup is taken as it is. Attributes must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const markup = strings.reduce((whole, string, at) => whole + written(parts[at - 1] ?? '') + string);
  return { markup };
}

/** Nothing, for the other side of a condition. */
export const NOTHING: Markup = { markup: '' };

function written(part: Part): string {
  if (typeof part === 'number') return part.toString();
  if (typeof part === 'string') return escapeHtml(part, 8_000);
  if ('markup' in part) return part.markup;
  return part.map(({ markup }) => markup).join('');
}
