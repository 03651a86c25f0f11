import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Rule } from '../shared/model.ts';
import { parsePolicy, type ParsedPolicy, policyJsonSchema } from '../shared/policy.ts';
import { escapeJson, visible } from '../shared/report/escape.ts';
import * as registry from '../shared/rules/index.ts';
import { type Effect, effectOnEstate, effectOnScan, KINDS } from './policy/compare.ts';
import { readSamples } from './policy/estate.ts';
import { exemptionBlock } from './policy/exempt-block.ts';
import { parseFindings, parseSavedScan, type SavedFinding } from './policy/saved-scan.ts';

const USAGE = `Usage: npm run policy -- check [policy.json] [--against estate|<saved scan>]
       npm run policy -- exempt <FindingId> [--in <saved scan or answer of GET /api/findings>]
       npm run policy -- schema`;

const RULES: readonly Rule[] = Object.values(registry);
const API = 'http://127.0.0.1:7071/api/findings?state=open';
const ESTATE = join(import.meta.dirname, 'estate');
const SHOWN = 200;

/** An answer for the one who typed the command: printed alone, exit status 2. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

async function main(now: string): Promise<void> {
  const { command, argument, against, source } = readArguments();
  if (command === 'schema') console.log(JSON.stringify(policyJsonSchema(RULES), null, 2));
  else if (command === 'exempt') await exempt(argument, source, now);
  else await check(argument ?? 'policy.json', against, now);
}

function readArguments() {
  const { values, positionals } = parsedArguments();
  const [command, argument, ...more] = positionals;
  const isKnown = command === 'check' || command === 'exempt' || command === 'schema';
  const strange =
    (command !== 'check' && values.against !== undefined) ||
    (command !== 'exempt' && values.in !== undefined);
  if (!isKnown || more.length > 0 || strange) throw new Refusal(USAGE);
  return { command, argument, against: values.against, source: values.in };
}

function parsedArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { against: { type: 'string' }, in: { type: 'string' } },
    });
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : ''}\n${USAGE}`);
  }
}

async function check(file: string, against: string | undefined, now: string): Promise<void> {
  const parsed = parsePolicy(await textOf(file), RULES, now);
  if ('errors' in parsed) {
    for (const error of parsed.errors) console.error(`${file}: ${error}`);
    throw new Refusal(
      `${file} is not valid: ${parsed.errors.length} ${word(parsed.errors.length, 'error')}.`,
    );
  }
  const { policy, warnings } = parsed;
  for (const warning of warnings) console.log(`${file}: warning: ${warning}`);
  console.log(`${file} is valid: ${warnings.length} ${word(warnings.length, 'warning')}.`);
  if (against === undefined) return;
  const isEstate = against === 'estate';
  const effect = isEstate ? await onEstate(policy, now) : await onScan(policy, against, now);
  const than = isEstate ? 'the sample estate, against the built-in defaults' : against;
  console.log(`\nOn ${than}:`);
  print(effect);
}

async function onEstate(policy: ParsedPolicy, now: string): Promise<Effect> {
  return effectOnEstate(await readSamples(ESTATE, now), RULES, policy, now);
}

async function onScan(policy: ParsedPolicy, file: string, now: string): Promise<Effect> {
  const scan = await reading(file, parseSavedScan);
  return effectOnScan(scan, RULES, policy, now);
}

function print({ differences, unchanged, notes }: Effect): void {
  const counts = KINDS.map((kind) => {
    return `${differences.filter((difference) => difference.kind === kind).length} ${SAID[kind]}`;
  });
  console.log(`${counts.join(', ')}, ${unchanged} unchanged.`);
  const listed = KINDS.flatMap((kind) => differences.filter((difference) => difference.kind === kind));
  for (const { kind, severity, ruleId, server, subject } of listed.slice(0, SHOWN)) {
    const about = subject === server ? '' : `  ${subject.split('/').at(-1) ?? ''}`;
    const name = server.split('/').at(-1) ?? '';
    console.log(
      visible(`  ${kind.padEnd(14)}  ${severity.padEnd(13)}  ${ruleId.padEnd(30)}  ${name}${about}`),
    );
  }
  if (listed.length > SHOWN) console.log(`  ... and ${listed.length - SHOWN} more`);
  for (const note of notes) console.log(note);
}

const SAID: Readonly<Record<(typeof KINDS)[number], string>> = {
  opens: 'open',
  closes: 'close',
  exempted: 'exempted',
  'reported again': 'reported again',
  severity: 'with another severity',
};

async function exempt(id: string | undefined, source: string | undefined, now: string): Promise<void> {
  if (id === undefined) throw new Refusal(USAGE);
  const findings =
    source === undefined ? await openFindings() : (await reading(source, parseFindings)).findings;
  const finding = findings.find(({ findingId }) => findingId === id.trim());
  if (!finding) throw new Refusal(`No finding ${visible(id).slice(0, 80)} in ${source ?? API}.`);
  if (finding.state === 'Resolved') throw new Refusal('The finding is resolved: there is nothing to exempt.');
  const block = exemptionBlock(finding, RULES, now);
  console.log(escapeJson(JSON.stringify(block, null, 2)));
  console.error('Paste it into "exemptions" of the policy, and write the reason and the owner.');
}

/** All pages of the open findings of the app on this machine. */
async function openFindings(): Promise<readonly SavedFinding[]> {
  const findings: SavedFinding[] = [];
  let token: string | undefined;
  do {
    const url = token === undefined ? API : `${API}&continuationToken=${encodeURIComponent(token)}`;
    const page = parsedFrom(API, await answerOf(url), parseFindings);
    findings.push(...page.findings);
    token = page.continuationToken;
  } while (token !== undefined);
  return findings;
}

async function answerOf(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (answer.ok) return await answer.text();
    throw new Refusal(`${API} answers ${answer.status}: give a saved scan with --in.`);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${API} does not answer: start the app, or give a saved scan with --in.`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new Refusal(`${file}: cannot be read.`);
  }
}

async function reading<Value>(file: string, parse: (text: string) => Value): Promise<Value> {
  return parsedFrom(file, await textOf(file), parse);
}

function parsedFrom<Value>(place: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new Refusal(`${place}: ${error instanceof Error ? error.message : 'cannot be read'}.`);
  }
}

function word(count: number, singular: string): string {
  return count === 1 ? singular : `${singular}s`;
}

try {
  await main(new Date().toISOString());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
