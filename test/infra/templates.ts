import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Declaration,
  type Literal,
  literalOf,
  parseBicep,
  propertiesOf,
  type Template,
  templateOf,
} from '../../local/bicep/index.ts';
import { INFRA } from './queries.ts';

/** Every template, by its path below infra/. */
export const TEMPLATES: readonly string[] = globSync('**/*.bicep', { cwd: INFRA }).sort();

export async function template(file: string): Promise<Template> {
  return templateOf(await parseBicep(readFileSync(join(INFRA, file), 'utf8')));
}

export async function declaration(file: string, name: string): Promise<Declaration> {
  const found = (await template(file)).declarations.find((declared) => declared.name === name);
  if (!found) throw new Error(`${file} declares no ${name}`);
  return found;
}

/** The value of a variable that is written out in a template. */
export async function literal(file: string, name: string): Promise<Literal> {
  const { value } = await declaration(file, name);
  const found = value && literalOf(value);
  if (found === undefined) throw new Error(`${name} of ${file} is not written out`);
  return found;
}

/** The names in an object that a template declares. */
export async function namesIn(file: string, name: string): Promise<readonly string[]> {
  const { value } = await declaration(file, name);
  return value ? [...propertiesOf(value).keys()] : [];
}
