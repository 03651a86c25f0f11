import { languageService, listOf } from './service.ts';
import type { NetDiagnostic, NetNode } from './service.ts';
import { nodeOf } from './tree.ts';
import type { Node } from './tree.ts';
import type { TableSchema } from './values.ts';

/** One finding of the language service about a query. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly start: number;
  readonly length: number;
}

/** The tables, by the names under which the query may call them, and the saved functions as KQL text. */
export interface Names {
  readonly schemas: Readonly<Record<string, TableSchema>>;
  readonly functions: Readonly<Record<string, string>>;
}

export interface Bound {
  readonly diagnostics: readonly Diagnostic[];
  readonly tree: () => Node;
}

const known = new Map<string, ReturnType<ReturnType<typeof languageService>['globals']>>();

/** Parses and binds a query; the tables and functions are declared once per set of names. */
export function bindQuery(query: string, names: Names): Bound {
  const key = JSON.stringify(names);
  const globals = known.get(key) ?? declare(names);
  if (known.size > 50) known.clear();
  known.set(key, globals);
  const code = languageService().analyse(query, globals);
  const diagnostics = [...listOf(code.GetDiagnostics()).map(diagnosticOf), ...calledDiagnostics(code.Syntax)];
  return { diagnostics, tree: () => nodeOf(code.Syntax) };
}

function declare({ schemas, functions }: Names): ReturnType<ReturnType<typeof languageService>['globals']> {
  const service = languageService();
  const tables = Object.entries(schemas).map(([name, schema]) => service.table(name, schemaText(schema)));
  const saved = Object.entries(functions).map(([name, text]) => {
    const { parameters, body } = functionParts(text);
    return service.savedFunction(name, parameters, body);
  });
  return service.globals([...tables, ...saved]);
}

function schemaText(schema: TableSchema): string {
  return `(${Object.entries(schema)
    .map(([column, type]) => `['${column.replace(/[\\']/g, String.raw`\$&`)}']: ${type}`)
    .join(', ')})`;
}

/** A saved function is `(parameters) { body }`, `{ body }` or the bare body. */
function functionParts(text: string): { readonly parameters: string; readonly body: string } {
  const [, parameters, block] =
    /^(?:\s|\/\/[^\n]*\n)*(\((?:[^()]|\([^()]*\))*\))\s*(\{.*\})\s*$/s.exec(text) ?? [];
  if (parameters !== undefined && block !== undefined) return { parameters, body: block };
  const trimmed = text.trim();
  return { parameters: '()', body: trimmed.startsWith('{') ? trimmed : `{\n${trimmed}\n}` };
}

function diagnosticOf({ Code, Severity, Message, Start, Length }: NetDiagnostic): Diagnostic {
  return { code: Code, severity: Severity, message: Message, start: Start, length: Length };
}

/** Findings inside of the functions that a query calls, at the place of the call. */
function calledDiagnostics(node: NetNode): readonly Diagnostic[] {
  const called = node.GetCalledFunctionDiagnostics?.();
  const own = (called ? listOf(called) : []).map((found) => ({
    ...diagnosticOf(found),
    start: node.TextStart,
    length: node.Width,
  }));
  const inner = Array.from({ length: node.ChildCount }, (_, index) => {
    const child = node.GetChild(index);
    return child ? calledDiagnostics(child) : [];
  });
  return [...own, ...inner.flat()];
}
