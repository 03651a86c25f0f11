import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkModules } from './check-modules.ts';
import { API_VERSIONS, DECORATORS, FUNCTIONS, NAMESPACES } from './names.ts';
import { lineOf, nodesOf, parseBicep, partsOf, type SyntaxNode, unquoted } from './parse.ts';
import { type Reference, referencesOf } from './references.ts';
import { type Declaration, type Template, templateOf } from './template.ts';

/** What is wrong with a template, and which check says so. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly check:
    'syntax' | 'name' | 'duplicate' | 'unused' | 'cycle' | 'file' | 'module' | 'version' | 'layout';
  readonly message: string;
}

export type Report = (check: Problem['check'], line: number, message: string) => void;

/**
 * What can be said of a template without the Bicep compiler: syntax, names, files, modules and their parameters, API versions.
 * Types of properties are the compiler's alone.
 */
export async function checkBicep(file: string): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const report: Report = (check, line, message) => problems.push({ file, line, check, message });
  const template = templateOf(await parseBicep(await readFile(file, 'utf8')));
  checkSyntax(template, report);
  // Names in a broken tree would be wrong.
  if (problems.length > 0) return problems;
  checkNames(template, report);
  checkLayout(template.root, report);
  checkFiles(template.root, dirname(file), report);
  checkVersions(template.declarations, report);
  await checkModules(template, dirname(file), report);
  return problems;
}

function checkSyntax({ root, strange }: Template, report: Report): void {
  for (const node of nodesOf(root)) {
    if (node.isMissing) report('syntax', lineOf(node), `"${node.type}" is missing`);
    else if (node.isError)
      report('syntax', lineOf(node), `not understood: ${node.text.slice(0, 40).split('\n')[0] ?? ''}`);
  }
  for (const node of strange) {
    if (!node.isError) report('syntax', lineOf(node), `a statement that is not checked: ${node.type}`);
  }
}

function checkNames({ root, declarations }: Template, report: Report): void {
  // An output may bear the name of a symbol: it is none.
  const symbols = declarations.filter(({ kind }) => kind !== 'output');
  const outputs = declarations.filter(({ kind }) => kind === 'output');
  for (const group of [symbols, outputs]) {
    for (const [at, { name, line }] of group.entries()) {
      if (group.findIndex((other) => other.name === name) < at) {
        report('duplicate', line, `"${name}" is declared twice`);
      }
    }
  }
  const known = new Map(symbols.map((symbol) => [symbol.name, symbol]));
  const used = new Map<string, readonly Reference[]>();
  for (const { kind, name, node } of declarations) used.set(`${kind} ${name}`, referencesOf(node));
  const decorators = partsOf(root).filter(({ type }) => type === 'decorators');
  const all = [...used.values(), ...decorators.map((node) => referencesOf(node))].flat();
  for (const { name, kind, line } of all) {
    if (isKnown(name, kind, known)) continue;
    report('name', line, `no ${kind === 'value' ? 'symbol' : kind} "${name}"`);
  }
  for (const { name, kind, line, existing } of symbols) {
    const hasUse = all.some((reference) => reference.name === name);
    if (!hasUse && (kind === 'param' || kind === 'var' || existing))
      report('unused', line, `"${name}" is not used`);
  }
  for (const symbol of symbols) {
    if (reaches(symbol, symbol.name, known, used, new Set()))
      report('cycle', symbol.line, `"${symbol.name}" needs itself`);
  }
}

function isKnown(name: string, kind: Reference['kind'], known: ReadonlyMap<string, Declaration>): boolean {
  const declared = known.get(name);
  if (kind === 'decorator') return DECORATORS.has(name);
  if (kind === 'function') return FUNCTIONS.has(name) || declared?.kind === 'func';
  return NAMESPACES.has(name) || (declared !== undefined && declared.kind !== 'func');
}

function reaches(
  from: Declaration,
  goal: string,
  known: ReadonlyMap<string, Declaration>,
  used: ReadonlyMap<string, readonly Reference[]>,
  seen: Set<string>,
): boolean {
  return (used.get(`${from.kind} ${from.name}`) ?? []).some(({ name }) => {
    const next = known.get(name);
    if (!next) return false;
    if (name === goal) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return reaches(next, goal, known, used, seen);
  });
}

/** The grammar takes several properties or items on one line without commas; the compiler does not. */
function checkLayout(root: SyntaxNode, report: Report): void {
  for (const node of nodesOf(root)) {
    if (node.type !== 'object' && node.type !== 'array') continue;
    for (const [at, part] of node.children.entries()) {
      const next = node.children[at + 1];
      if (!part.isNamed || !next?.isNamed) continue;
      if (part.endPosition.row === next.startPosition.row && next.type !== 'comment') {
        report('layout', lineOf(next), 'two on one line without a comma');
      }
    }
  }
}

const LOADERS = ['loadTextContent', 'loadJsonContent', 'loadYamlContent', 'loadFileAsBase64'];

function checkFiles(root: SyntaxNode, folder: string, report: Report): void {
  for (const node of nodesOf(root)) {
    if (node.type !== 'call_expression') continue;
    const [called, given] = partsOf(node);
    const path = given && partsOf(given)[0];
    if (!called || !path || !LOADERS.includes(called.text)) continue;
    if (!existsSync(resolve(folder, unquoted(path)))) {
      report('file', lineOf(node), `${unquoted(path)} is not there`);
    }
  }
}

function checkVersions(declarations: readonly Declaration[], report: Report): void {
  for (const { about, line } of declarations.filter(({ kind }) => kind === 'resource')) {
    const [type = '', version = ''] = about.split('@');
    const wanted = API_VERSIONS[type];
    if (wanted === undefined) report('version', line, `${type} is no type that was looked up`);
    else if (wanted !== version) report('version', line, `${type} is used with ${wanted}, not ${version}`);
  }
}
