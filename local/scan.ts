import { RULES } from '../shared/app.ts';
import { azureCredential } from '../shared/azure/credential.ts';
import { armReader } from '../shared/azure/arm.ts';
import { graphReader } from '../shared/azure/graph.ts';
import { type Rule, SEVERITIES } from '../shared/model.ts';
import { reportCsv } from '../shared/report/csv.ts';
import { reportHtml } from '../shared/report/html.ts';
import { reportJson } from '../shared/report/json.ts';
import type { ReportData } from '../shared/report/report-data.ts';
import { reportSarif } from '../shared/report/sarif.ts';
import { reportTable } from '../shared/report/table.ts';
import { scan } from '../shared/scan.ts';
import { readAzureSettings } from '../shared/settings.ts';
import { type Format, readArguments, type ScanArguments, USAGE } from './scan/arguments.ts';
import { readBaselines, readPolicy } from './scan/inputs.ts';
import { checkOut, write } from './scan/output.ts';
import { progressLine, tellInterrupted } from './scan/progress.ts';
import { serverFilter } from './scan/server-filter.ts';

async function main(): Promise<number> {
  const options = readArguments(
    process.argv.slice(2),
    RULES.map(({ id }) => id),
  );
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  checkOut(options.out);
  const settings = readAzureSettings({
    ...process.env,
    MONITOR_SUBSCRIPTIONS: options.subscriptions.join(','),
    MONITOR_MANAGEMENT_GROUPS: options.managementGroups.join(','),
  });
  const policy = readPolicy(options.policy, RULES, new Date().toISOString());
  const baselines = readBaselines(options.baseline);
  const rules = chosenRules(policy.enabledRules(RULES), options);
  const credential = azureCredential(settings);
  const calls = { graph: 0, management: 0, throttled: 0 };
  const azure = {
    endpoint: settings.resourceManager,
    scope: settings.resourceManagerScope,
    credential,
    calls,
  };
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
    tellInterrupted();
  });
  const progress = progressLine(calls);
  const servers = serverFilter(options.servers);
  const scanned = await scan(settings, { arm: armReader(azure), graph: graphReader(azure) }, rules, policy, {
    progress: progress.tell,
    signal: interrupted.signal,
    baselines,
    wanted: servers.wanted,
  });
  progress.end();
  const data = { ...scanned, problems: [...scanned.problems, ...servers.unmatched()] };
  write(textOf(options.format, data, rules), options.out);
  for (const problem of data.problems) process.stderr.write(`${problem}\n`);
  return statusOf(data, options);
}

function chosenRules(rules: readonly Rule[], { rules: ids }: ScanArguments): readonly Rule[] {
  return ids.length === 0 ? rules : rules.filter(({ id }) => ids.includes(id));
}

function textOf(format: Format, data: ReportData, rules: readonly Rule[]): string {
  if (format === 'json') return reportJson(data);
  if (format === 'html') return reportHtml(data);
  if (format === 'csv') return reportCsv(data);
  if (format === 'sarif') return reportSarif(data, rules);
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  return reportTable(data, { colour, width: process.stdout.columns || 120 });
}

/** 2: something in scope could not be read; 1: `--fail-on` and such a finding is open; else 0. */
function statusOf({ problems, servers, findings }: ReportData, { failOn }: ScanArguments): number {
  if (problems.length > 0 || servers.some(({ complete }) => !complete)) return 2;
  if (failOn === undefined) return 0;
  const limit = SEVERITIES.indexOf(failOn);
  const open = findings.filter(({ state }) => state === 'Open');
  return open.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit) ? 1 : 0;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exitCode = 2;
  },
);
