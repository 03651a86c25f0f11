import * as z from 'zod';
import type { Facet, Network, Reading } from '../model.ts';

/** Where a facet is read, and the function that turns what ARM answers into it (it throws on what it cannot interpret). */
export type FacetSource<F extends Facet> =
  | { readonly in: 'body'; readonly read: (body: unknown, serverId: string) => Network[F] }
  | {
      readonly in: 'list';
      readonly path: string;
      readonly read: (items: readonly unknown[], serverId: string) => Network[F];
    }
  | { readonly in: 'family'; readonly value: Network[F] };

/** One type of database server: where each facet stands. A facet that it does not have is left out. */
export interface Family {
  /** Lower-cased. */
  readonly resourceType: string;
  /** As people call it. */
  readonly title: string;
  readonly apiVersion: string;
  readonly facets: { readonly [F in Facet]?: FacetSource<F> };
}

export const defineFamily = (family: Family): Family => family;

/** The reading of one facet; a body that is not as documented is unreadable, with the place that is not. */
export function parseFacet<Value>(at: string, read: () => Value): Reading<Value> {
  try {
    return { value: read(), at };
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    return { unreadable: `not as documented: ${issue?.path.join('.') || 'the body'}`, at };
  }
}
