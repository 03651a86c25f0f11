import { parseArgs } from 'node:util';
import { azureCredential } from '../shared/azure/credential.ts';
import { armReader } from '../shared/azure/arm.ts';
import { graphReader } from '../shared/azure/graph.ts';
import { SEVERITIES } from '../shared/model.ts';
import { reportJson } from '../shared/report/json.ts';
import { reportTable } from '../shared/report/table.ts';
import { RULES } from '../shared/app.ts';
import { policyOf } from '../shared/policy.ts';
import { scan } from '../shared/scan.ts';
import { readAzureSettings } from '../shared/settings.ts';

const FORMATS = ['table', 'json'];
const USAGE =
  'Usage: npm run scan -- --subscription <id> [--format table|json] [--fail-on critical|high|medium|low|informational]';

interface Options {
  readonly subscriptions: readonly string[];
  readonly format: string;
  readonly failOn: string | undefined;
}

function readArguments(): Options {
  const { values } = parseArgs({
    options: {
      subscription: { type: 'string', multiple: true, default: [] },
      format: { type: 'string', default: 'table' },
      'fail-on': { type: 'string' },
    },
  });
  const failOn = values['fail-on'];
  if (values.subscription.length === 0) throw new Error('--subscription is required.');
  if (!FORMATS.includes(values.format)) throw new Error(`--format is one of ${FORMATS.join(', ')}.`);
  const severities = SEVERITIES.map((severity) => severity.toLowerCase());
  if (failOn !== undefined && !severities.includes(failOn.toLowerCase())) {
    throw new Error(`--fail-on is one of ${severities.join(', ')}.`);
  }
  return { subscriptions: values.subscription, format: values.format, failOn: failOn?.toLowerCase() };
}

async function main(): Promise<number> {
  const options = readArguments();
  const settings = readAzureSettings({
    ...process.env,
    MONITOR_SUBSCRIPTIONS: options.subscriptions.join(','),
    MONITOR_MANAGEMENT_GROUPS: '',
  });
  const credential = azureCredential(settings);
  const calls = { graph: 0, management: 0, throttled: 0 };
  const azure = {
    endpoint: settings.resourceManager,
    scope: settings.resourceManagerScope,
    credential,
    calls,
  };
  const data = await scan(
    settings,
    { arm: armReader(azure), graph: graphReader(azure) },
    RULES,
    policyOf(undefined),
    (done, expected) => {
      if (!process.stderr.isTTY) return;
      process.stderr.write(
        `\r${done} of ${expected} servers, ${calls.graph + calls.management} calls, ${calls.throttled} throttled`,
      );
      if (done === expected) process.stderr.write('\n');
    },
  );
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns || 120;
  const text = options.format === 'json' ? reportJson(data) : reportTable(data, { colour, width });
  process.stdout.write(`${text}\n`);
  if (data.problems.length > 0 || data.servers.some(({ complete }) => !complete)) return 2;
  const limit = SEVERITIES.findIndex((severity) => severity.toLowerCase() === options.failOn);
  return data.findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit) ? 1 : 0;
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
