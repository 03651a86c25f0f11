import { languageService, listOf } from './service.ts';
import type { NetNode, NetSymbol } from './service.ts';
import { unsupported } from './values.ts';

/** A node of the bound syntax tree, without the .NET types of the language service. */
export interface Node {
  readonly kind: string;
  readonly text: string;
  /** The simple name of a reference or a declaration, else empty. */
  readonly name: string;
  /** The value of a string literal. */
  readonly literal: string | undefined;
  /** The type of a scalar expression (`unknown` where the binder has none). */
  readonly type: string;
  /** The output columns of a tabular expression or an aggregate with several values. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | undefined;
  readonly tabular: boolean;
  readonly symbol: { readonly kind: string; readonly name: string } | undefined;
  readonly parts: ReadonlyMap<string, Node>;
  readonly items: readonly Node[];
  /** The parameters of the function that this node calls. */
  readonly parameters: () => readonly { readonly name: string; readonly byDefault: Node | undefined }[];
  /** The bound body of the user's function that this node calls. */
  readonly body: () => Node | undefined;
}

/** A node of the language service as a node of our own, with all its children. */
export function nodeOf(net: NetNode): Node {
  const kind = languageService().kinds.get(net.Kind) ?? `kind ${net.Kind}`;
  const children = Array.from({ length: net.ChildCount }, (_, index) => net.GetChild(index)).filter(
    (child) => child !== null,
  );
  const parts = new Map<string, Node>();
  const items: Node[] = [];
  for (const child of children) {
    const node = nodeOf(child);
    if (child.NameInParent) parts.set(child.NameInParent, node);
    // A list holds separated elements (the item and its comma): keep the items.
    if (kind === 'List') items.push(node.kind === 'SeparatedElement' ? (node.items[0] ?? node) : node);
    else if (kind === 'SeparatedElement') items.push(node);
  }
  const result = net.ResultType;
  const symbol = net.ReferencedSymbol;
  return {
    kind,
    text: net.ChildCount === 0 ? (net.Text ?? '') : '',
    name: net.SimpleName ?? '',
    literal: literalText(net, kind),
    type: result?.Name ?? 'unknown',
    columns: result?.Columns
      ? listOf(result.Columns).map((column) => ({ name: column.Name, type: column.Type.Name }))
      : undefined,
    tabular: result?.IsTabular ?? false,
    symbol: symbol ? { kind: symbolKind(symbol), name: symbol.Name } : undefined,
    parts,
    items,
    parameters: () => parametersOf(symbol),
    body: () => {
      const body = net.GetCalledFunctionBody?.();
      return body ? nodeOf(body) : undefined;
    },
  };
}

/** The keys of a dynamic literal are bare tokens, other strings are nodes with a value. */
function literalText(net: NetNode, kind: string): string | undefined {
  if (kind === 'StringLiteralToken') return net.ValueText;
  return typeof net.LiteralValue === 'string' ? net.LiteralValue : undefined;
}

function symbolKind(symbol: NetSymbol): string {
  return symbol.constructor.$$name?.split('.').at(-1) ?? 'unknown';
}

function parametersOf(symbol: NetSymbol | null | undefined): ReturnType<Node['parameters']> {
  const signature = symbol?.Signatures ? listOf(symbol.Signatures)[0] : undefined;
  if (!signature) return [];
  return listOf(signature.Parameters).map((parameter) => ({
    name: parameter.Name,
    byDefault: parameter.DefaultValue ? nodeOf(parameter.DefaultValue) : undefined,
  }));
}

/** The child of that role; throws if the tree has none. */
export function part(node: Node, role: string): Node {
  const found = node.parts.get(role);
  if (!found) throw unsupported('syntax', `${node.kind} without ${role}`);
  return found;
}

/** The items of the child list of that role, without their commas. */
export function itemsOf(node: Node, role: string): readonly Node[] {
  return node.parts.get(role)?.items ?? [];
}

/** The first word of a node as written, to name it in an error. */
export function keyword(node: Node): string {
  if (node.text !== '') return node.text;
  for (const child of node.parts.values()) {
    const word = keyword(child);
    if (word !== '') return word;
  }
  return node.kind;
}

/** The parameters of an operator (`kind=inner`) by name; hints do not change a result and are left out. */
export function operatorParameters(node: Node, known: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const parameter of itemsOf(node, 'Parameters')) {
    const name = part(parameter, 'Name').name;
    if (name.startsWith('hint.')) continue;
    if (!known.includes(name)) throw unsupported('parameter', `${keyword(node)} ${name}`);
    const value = part(parameter, 'Expression');
    found.set(name, value.name !== '' ? value.name : keyword(value));
  }
  return found;
}
