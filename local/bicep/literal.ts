import { partsOf, propertiesOf, type SyntaxNode, unquoted } from './parse.ts';

export type Literal =
  string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal };

/** The value of an expression that is written out; undefined: it has to be computed. */
export function literalOf(node: SyntaxNode): Literal | undefined {
  const [only] = partsOf(node);
  if (node.type === 'expression' && only) return literalOf(only);
  if (node.type === 'string') return hasInterpolation(node) ? undefined : unquoted(node);
  if (node.type === 'number') return Number(node.text);
  if (node.type === 'boolean') return node.text === 'true';
  if (node.type === 'null') return null;
  if (node.type === 'array') {
    const items = partsOf(node).map(literalOf);
    return items.includes(undefined) ? undefined : items.filter((item) => item !== undefined);
  }
  if (node.type !== 'object') return undefined;
  const entries = [...propertiesOf(node)].map(([name, value]) => [name, literalOf(value)] as const);
  const known = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}

function hasInterpolation(node: SyntaxNode): boolean {
  return partsOf(node).some(({ type }) => type === 'interpolation');
}
