import { createRequire } from 'node:module';

/** What the runner uses of the language service: .NET classes translated to JavaScript, without usable types. */
interface NetList<T> {
  readonly Count: number;
  readonly getItem: (index: number) => T;
}
interface NetType {
  readonly Name: string;
  readonly IsTabular: boolean;
  readonly Columns?: NetList<NetColumn> | null;
}
interface NetColumn {
  readonly Name: string;
  readonly Type: NetType;
}
export interface NetSymbol {
  readonly Name: string;
  readonly constructor: { readonly $$name?: string };
  readonly Signatures?: NetList<NetSignature> | null;
}
interface NetSignature {
  readonly Parameters: NetList<NetParameter>;
}
interface NetParameter {
  readonly Name: string;
  readonly DefaultValue: NetNode | null;
}
export interface NetDiagnostic {
  readonly Code: string;
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
}
export interface NetNode {
  readonly Kind: number;
  readonly NameInParent: string | null;
  readonly ChildCount: number;
  readonly GetChild: (index: number) => NetNode | null;
  readonly Text?: string;
  readonly ValueText?: string;
  readonly SimpleName?: string | null;
  readonly LiteralValue?: unknown;
  readonly ResultType?: NetType | null;
  readonly ReferencedSymbol?: NetSymbol | null;
  readonly TextStart: number;
  readonly Width: number;
  readonly GetCalledFunctionBody?: () => NetNode | null;
  readonly GetCalledFunctionDiagnostics?: () => NetList<NetDiagnostic>;
}
interface NetCode {
  readonly Syntax: NetNode;
  readonly GetDiagnostics: () => NetList<NetDiagnostic>;
}
type NetGlobals = object;
interface Language {
  readonly KustoCode: { readonly ParseAndAnalyze: (query: string, globals: NetGlobals) => NetCode };
  readonly GlobalState: { readonly Default: { readonly WithDatabase: (database: object) => NetGlobals } };
  readonly Symbols: {
    readonly TableSymbol: {
      readonly $ctor7: new (name: string, schema: string, description: null) => object;
    };
    readonly FunctionSymbol: {
      readonly $ctor16: new (name: string, parameters: string, body: string, description: null) => object;
    };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly object[]) => object };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> };
}

export interface Service {
  readonly kinds: ReadonlyMap<number, string>;
  readonly table: (name: string, schema: string) => object;
  readonly savedFunction: (name: string, parameters: string, body: string) => object;
  readonly globals: (members: readonly object[]) => NetGlobals;
  readonly analyse: (query: string, globals: NetGlobals) => NetCode;
}

let loaded: Service | undefined;

/** The Kusto language service, loaded at the first call (about 0.3 s) and kept for the life of the process. */
export function languageService(): Service {
  loaded ??= load();
  return loaded;
}

/** The items of a .NET list. */
export function listOf<T>(list: NetList<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

function load(): Service {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  // The scripts export nothing: they leave the global `Kusto`.
  const { Language } = (globalThis as unknown as { readonly Kusto: { readonly Language: Language } }).Kusto;
  const { Symbols } = Language;
  return {
    kinds: new Map(
      Object.entries(Language.Syntax.SyntaxKind).flatMap(([name, value]) =>
        typeof value === 'number' ? [[value, name] as const] : [],
      ),
    ),
    table: (name, schema) => new Symbols.TableSymbol.$ctor7(name, schema, null),
    savedFunction: (name, parameters, body) =>
      new Symbols.FunctionSymbol.$ctor16(name, parameters, body, null),
    globals: (members) =>
      Language.GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('db', members)),
    analyse: (query, globals) => Language.KustoCode.ParseAndAnalyze(query, globals),
  };
}
