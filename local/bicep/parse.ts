import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

export type SyntaxNode = Node;

let loading: Promise<Parser> | undefined;

/** The syntax tree of a Bicep text; what is no Bicep stands in it as error and missing nodes. */
export async function parseBicep(text: string): Promise<SyntaxNode> {
  loading ??= loadParser();
  const tree = (await loading).parse(text);
  if (!tree) throw new Error('The Bicep parser gave no tree.');
  return tree.rootNode;
}

async function loadParser(): Promise<Parser> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return parser;
}

/** A node and all below it, parents first. */
export function* nodesOf(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of node.children) yield* nodesOf(child);
}

/** Children that are part of the language's tree, not punctuation or comments. */
export function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.namedChildren.filter(({ type }) => type !== 'comment');
}

/** Name and value of each property of an object. */
export function propertiesOf(object: SyntaxNode): ReadonlyMap<string, SyntaxNode> {
  const entries = partsOf(object).flatMap((property): [string, SyntaxNode][] => {
    const [key, value] = partsOf(property);
    return property.type === 'object_property' && key && value ? [[unquoted(key), value]] : [];
  });
  return new Map(entries);
}

/** The text of a name or of a string without interpolation. */
export function unquoted(node: SyntaxNode): string {
  return node.type === 'string' ? node.text.replace(/^'+|'+$/g, '') : node.text;
}

export function lineOf(node: SyntaxNode): number {
  return node.startPosition.row + 1;
}
