import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Report } from './check.ts';
import { lineOf, nodesOf, parseBicep, partsOf, propertiesOf, type SyntaxNode } from './parse.ts';
import { bodyOf, type Declaration, type Template, templateOf } from './template.ts';

/** Literals by the types that a parameter may declare for them. */
const LITERALS: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  number: ['int'],
  boolean: ['bool'],
  array: ['array'],
  object: ['object'],
};

/** Modules are local files; what they need is given, and nothing else; outputs that are used exist. */
export async function checkModules(template: Template, folder: string, report: Report): Promise<void> {
  const loaded = new Map<string, Template>();
  for (const module of template.declarations.filter(({ kind }) => kind === 'module')) {
    const path = resolve(folder, module.about);
    if (!module.about.endsWith('.bicep') || !existsSync(path)) {
      report('module', module.line, `${module.about} is no local module`);
      continue;
    }
    const target = templateOf(await parseBicep(await readFile(path, 'utf8')));
    loaded.set(module.name, target);
    checkParameters(module, target, report);
  }
  checkOutputs(template, loaded, report);
}

function checkParameters(module: Declaration, target: Template, report: Report): void {
  const body = bodyOf(module);
  const params = body && propertiesOf(body).get('params');
  const given = params ? propertiesOf(params) : new Map<string, SyntaxNode>();
  const declared = new Map(
    target.declarations.filter(({ kind }) => kind === 'param').map((param) => [param.name, param]),
  );
  for (const [name, { value, about }] of declared) {
    if (!given.has(name) && value === undefined && !about.endsWith('?')) {
      report('module', module.line, `${module.about} needs the parameter "${name}"`);
    }
  }
  for (const [name, value] of given) {
    const param = declared.get(name);
    const literal = LITERALS[value.type];
    if (!param) report('module', lineOf(value), `${module.about} has no parameter "${name}"`);
    else if (literal && !literal.includes(param.about.endsWith('[]') ? 'array' : param.about)) {
      report('module', lineOf(value), `"${name}" of ${module.about} is ${param.about}, not ${value.type}`);
    }
  }
}

function checkOutputs(template: Template, loaded: ReadonlyMap<string, Template>, report: Report): void {
  for (const node of nodesOf(template.root)) {
    if (node.type !== 'member_expression') continue;
    const [inner, output] = partsOf(node);
    const [module, outputs] = inner?.type === 'member_expression' ? partsOf(inner) : [];
    const target = module && loaded.get(module.text);
    if (!target || !output || outputs?.text !== 'outputs') continue;
    const names = target.declarations.filter(({ kind }) => kind === 'output').map(({ name }) => name);
    if (!names.includes(output.text)) {
      report('module', lineOf(node), `the module "${module.text}" has no output "${output.text}"`);
    }
  }
}
