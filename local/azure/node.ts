import type { Json } from './json.ts';

/** A stored resource; a child builds its id from its parent's, which keeps large estates small. */
export interface Node {
  readonly name: string;
  readonly type: string;
  readonly segment: string;
  readonly place: Node | string;
  body: Json;
  children?: Map<string, Collection>;
}

/** The children of one type under one resource, with the text of their list while nothing changes. */
export interface Collection {
  readonly items: Map<string, Node>;
  json?: string;
}

/** The id of a stored resource in the casing of its first write. */
export const idOf = (node: Node): string =>
  typeof node.place === 'string' ? node.place : `${idOf(node.place)}/${node.segment}/${node.name}`;

/** The body as Azure Resource Manager answers it. */
export const bodyOf = (node: Node): Json => ({
  id: idOf(node),
  name: node.name,
  type: node.type,
  ...node.body,
});
