import { lineOf, nodesOf, partsOf, type SyntaxNode, unquoted } from './parse.ts';

/** One named declaration of a template. */
export interface Declaration {
  readonly kind: 'param' | 'var' | 'resource' | 'module' | 'output' | 'type' | 'func';
  readonly name: string;
  readonly line: number;
  /** The whole declaration, for what it refers to. */
  readonly node: SyntaxNode;
  /** What stands behind `=`; undefined: a parameter without a default. */
  readonly value: SyntaxNode | undefined;
  /** `Microsoft.Web/sites@2024-04-01` of a resource, the path of a module, the type of a parameter or output. */
  readonly about: string;
  readonly existing: boolean;
}

/** A template as far as the checks need it. */
export interface Template {
  readonly root: SyntaxNode;
  readonly declarations: readonly Declaration[];
  /** Top-level statements that the checks do not understand. */
  readonly strange: readonly SyntaxNode[];
}

const KINDS: Readonly<Record<string, Declaration['kind']>> = {
  parameter_declaration: 'param',
  variable_declaration: 'var',
  resource_declaration: 'resource',
  module_declaration: 'module',
  output_declaration: 'output',
  type_declaration: 'type',
  user_defined_function: 'func',
};
const WITHOUT_NAME = ['decorators', 'metadata_declaration', 'target_scope_assignment', 'diagnostic_comment'];

/** The declarations of a syntax tree. */
export function templateOf(root: SyntaxNode): Template {
  const statements = partsOf(root).flatMap((node) => (node.type === 'statement' ? partsOf(node) : [node]));
  return {
    root,
    declarations: statements.flatMap((node) => declarationOf(node) ?? []),
    strange: statements.filter(({ type }) => !(type in KINDS) && !WITHOUT_NAME.includes(type)),
  };
}

function declarationOf(node: SyntaxNode): Declaration | undefined {
  const kind = KINDS[node.type];
  const [name, about] = partsOf(node);
  if (!kind || !name) return undefined;
  const at = node.children.findIndex((child) => child.type === '=' || child.type === '=>');
  const value = at < 0 ? undefined : node.children.slice(at + 1).find((child) => child.isNamed);
  return {
    kind,
    name: name.text,
    line: lineOf(node),
    node,
    value,
    about: about ? unquoted(about) : '',
    existing: node.children.some((child) => child.type === 'existing'),
  };
}

/** The object that a resource or module is made of, inside of its loop or condition. */
export function bodyOf({ value }: Declaration): SyntaxNode | undefined {
  if (!value || value.type === 'object') return value;
  if (value.type !== 'for_statement' && value.type !== 'if_statement') return undefined;
  return partsOf(value)
    .flatMap((part) => [...nodesOf(part)])
    .find(({ type, parent }) => type === 'object' && isWrapper(parent));
}

function isWrapper(node: SyntaxNode | null): boolean {
  return node?.type === 'for_statement' || node?.type === 'if_statement';
}
