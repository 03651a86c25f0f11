import { lineOf, partsOf, type SyntaxNode } from './parse.ts';

/** A name that an expression uses. */
export interface Reference {
  readonly name: string;
  readonly kind: 'value' | 'function' | 'decorator';
  readonly line: number;
}

/** Every name below a node that is neither a property nor bound inside of it by a lambda or a loop. */
export function referencesOf(node: SyntaxNode, bound: readonly string[] = []): readonly Reference[] {
  if (node.type === 'identifier' || node.type === 'compatible_identifier') {
    return bound.includes(node.text) ? [] : [{ name: node.text, kind: 'value', line: lineOf(node) }];
  }
  const [first, ...rest] = partsOf(node);
  if (!first) return [];
  const below = (parts: readonly SyntaxNode[], more: readonly string[] = []): readonly Reference[] =>
    parts.flatMap((part) => referencesOf(part, [...bound, ...more]));
  switch (node.type) {
    case 'decorator':
      return below([first]).map((reference) =>
        reference.kind === 'function' ? { ...reference, kind: 'decorator' } : reference,
      );
    case 'call_expression':
      if (first.type !== 'identifier') return below([first, ...rest]);
      return [{ name: first.text, kind: 'function', line: lineOf(first) }, ...below(rest)];
    case 'object_property':
      return first.type === 'identifier' || first.type === 'compatible_identifier'
        ? below(rest)
        : below([first, ...rest]);
    case 'lambda_expression':
      return below(rest, namesIn(first));
    case 'for_statement':
      return below(rest, namesIn(first));
    case 'user_defined_function':
      return below(rest.slice(1), namesIn(rest[0] ?? first));
    case 'parameter_declaration':
    case 'variable_declaration':
    case 'resource_declaration':
    case 'module_declaration':
    case 'output_declaration':
    case 'type_declaration':
      return below(rest);
    default:
      return below([first, ...rest]);
  }
}

/** Names that a lambda's or a loop's head binds. */
function namesIn(head: SyntaxNode): readonly string[] {
  if (['identifier', 'loop_variable', 'loop_enumerator'].includes(head.type)) return [head.text];
  if (head.type === 'type') return [];
  return partsOf(head).flatMap(namesIn);
}
