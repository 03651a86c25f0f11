import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { familyOf } from '../shared/families/index.ts';
import type { FindingView } from '../shared/report/report-data.ts';
import { findingLine, reportTable } from '../shared/report/table.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import { getJson, readReport, runNow } from './api-client.ts';
import { loadEstate } from './azure/index.ts';
import { type Drift, drifts, tryLine } from './demo.ts';
import { rowView } from './row-view.ts';
import { startStack, type Stack } from './stack.ts';

const FINDINGS = 'DatabaseExposureFindings_CL';
const USAGE = 'Usage: npm start -- [--once] [--port 7071]';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;

async function main(): Promise<void> {
  const { once, port } = readArguments();
  say('Starting the embedded Azure, Azurite and the function app ...');
  const startedAt = Date.now();
  const stack = await startStack({ estate: await loadEstate(join(import.meta.dirname, 'estate')), port });
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    void stack.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    say(`Ready after ${seconds(startedAt)}. A sweep asks for every server of the sample estate.`);
    await sweepOnce(stack);
    const scope = `${stack.azure.estate.subscriptions.size} subscriptions of the sample estate`;
    const width = process.stdout.columns || 120;
    say(`\n${reportTable(await readReport(stack.url, scope), { colour, width })}\n`);
    const made = drifts(stack.azure);
    for (const drift of made) await show(stack, drift);
    await settle(stack, made);
    say(`Open the report: ${stack.url}/api/report\n`);
    if (once) {
      await writeReport(stack);
      await stack.close();
      return;
    }
    say(`Change something yourself, in another terminal:\n${tryLine(stack.azure, stack.certificateFile)}\n`);
    say('Rows for Log Analytics appear here as they come; Ctrl-C ends.');
    await follow(stack);
  } catch (error) {
    await stack.close();
    throw error;
  }
}

function readArguments(): { readonly once: boolean; readonly port: number } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: '7071' } },
    });
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is no port.`);
    return { once: values.once, port };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n${USAGE}\n`);
    process.exit(2);
  }
}

/** Waits until every server of the estate has been assessed, with progress on the terminal. */
async function sweepOnce({ url, azure }: Stack): Promise<void> {
  const startedAt = Date.now();
  const expected = azure.estate.ids().filter((id) => {
    const resource = parseResourceId(id);
    return resource !== undefined && familyOf(resource.type) !== undefined;
  }).length;
  await runNow(url, 'sweep');
  for (;;) {
    const { value } = await getJson<{ value: readonly unknown[] }>(`${url}/api/servers?top=1000`);
    const { graphCalls, managementCalls, throttled } = azure.counters;
    const line = `  ${value.length} of ${expected} servers, ${graphCalls} Resource Graph and ${managementCalls} ARM calls, ${throttled} throttled`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
    if (value.length >= expected) {
      say(`${process.stdout.isTTY ? '\n' : `${line}\n`}Swept in ${seconds(startedAt)}.`);
      await runNow(url, 'publishPending');
      return;
    }
    if (Date.now() - startedAt > 120_000) throw new Error('The first sweep did not end within two minutes.');
    await pause(200);
  }
}

/** Makes a change, shows what became of it in Log Analytics, and takes it back. */
async function show(stack: Stack, drift: Drift): Promise<void> {
  say(`> ${drift.title}`);
  const before = stack.azure.ingested(FINDINGS).length;
  const startedAt = Date.now();
  await drift.make();
  const rows = await rowsAfter(stack, before, drift.serverId);
  const [gravest, ...others] = rows.sort((a, b) => rank(a) - rank(b));
  if (!gravest) throw new Error('The change gave no row within ten seconds.');
  say(indent(findingLine(gravest, { colour })));
  if (others.length > 0) say(indent(`  With it: ${others.map(({ ruleId }) => ruleId).join(', ')}.`));
  say(`  In Log Analytics ${seconds(startedAt)} after the change.`);
  await pause(250);
  await drift.takeBack();
  say('  Taken back. The finding resolves when a second reading, a minute later, agrees.\n');
}

const SEVERITY = ['Critical', 'High', 'Medium', 'Low', 'Informational'];

function rank({ severity }: FindingView): number {
  return SEVERITY.indexOf(severity);
}

/** Waits for the readings that see the changes taken back: five seconds after the readings that saw them made. */
async function settle({ url }: Stack, made: readonly Drift[]): Promise<void> {
  const servers = new Set(made.map(({ serverId }) => serverId));
  const deadline = Date.now() + 12_000;
  while (Date.now() < deadline) {
    const { value } = await getJson<{ value: FindingView[] }>(
      `${url}/api/findings?state=open&severity=Critical`,
    );
    const left = value.filter(({ serverId }) => servers.has(serverId));
    if (left.every(({ resolvesAfter }) => resolvesAfter !== null)) {
      for (const { serverName, ruleId, resolvesAfter } of left) {
        say(
          `  ${serverName}: ${ruleId} is about to resolve, when a reading after ${resolvesAfter ?? ''} agrees.`,
        );
      }
      say('');
      return;
    }
    await pause(200);
  }
}

/** The rows of one server that came after a position; all of one reading come together. */
async function rowsAfter(stack: Stack, position: number, serverId: string): Promise<FindingView[]> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const rows = stack.azure
      .ingested(FINDINGS)
      .slice(position)
      .flatMap((row) => rowView(row) ?? [])
      .filter((view) => view.serverId === serverId && view.state === 'Open');
    if (rows.length > 0) return rows;
    await pause(25);
  }
  return [];
}

async function writeReport({ url }: Stack): Promise<void> {
  const response = await fetch(`${url}/api/report`);
  if (!response.ok) throw new Error(`The report answered ${response.status}.`);
  await mkdir('out', { recursive: true });
  await writeFile(join('out', 'report.html'), await response.text());
  say('Wrote out/report.html.');
}

/** Prints transitions as they are ingested, until the process ends. */
async function follow({ azure }: Stack): Promise<never> {
  let position = azure.ingested(FINDINGS).length;
  for (;;) {
    const rows = azure.ingested(FINDINGS);
    for (const row of rows.slice(position)) {
      const view = rowView(row);
      if (view) say(findingLine(view, { colour }));
    }
    position = rows.length;
    await pause(200);
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
