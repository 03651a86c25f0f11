import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { propertiesOf, nodesOf } from '../../local/bicep/index.ts';
import { parseSchedule, longestPeriodSeconds } from '../../shared/schedule.ts';
import { CLOUDS, readSettings } from '../../shared/settings.ts';
import { INFRA } from './queries.ts';
import { declaration, namesIn, template } from './templates.ts';

const APP = 'modules/function-app.bicep';

/** Settings of the platform, which the app does not read itself. */
const PLATFORM = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
];
/** Other ways to name the storage, which a deployment with an identity does not need. */
const INSTEAD = ['AzureWebJobsStorage', 'AzureWebJobsStorage__accountName'];

const SAMPLE: Readonly<Record<string, string>> = {
  MONITOR_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
  AZURE_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  LOGS_INGESTION_ENDPOINT: 'https://dcr.westeurope-1.ingest.monitor.azure.com',
  LOGS_INGESTION_RULE_ID: 'dcr-0123456789abcdef0123456789abcdef',
  AzureWebJobsStorage__blobServiceUri: 'https://st.blob.core.windows.net',
  AzureWebJobsStorage__queueServiceUri: 'https://st.queue.core.windows.net',
  AzureWebJobsStorage__tableServiceUri: 'https://st.table.core.windows.net',
};

async function deployedNames(): Promise<readonly string[]> {
  const { value } = await declaration('main.bicep', 'app');
  const monitor = value && propertiesOf(propertiesOf(value).get('params') ?? value).get('monitor');
  return [
    ...(await namesIn(APP, 'platformSettings')),
    ...(await namesIn(APP, 'azureSettings')),
    ...(monitor ? propertiesOf(monitor).keys() : []),
  ].sort();
}

test('the app settings are those that the app reads, and the platform its own', async () => {
  const asked = new Set<string>();
  const environment = new Proxy(SAMPLE, {
    get: (target, name) => {
      asked.add(String(name));
      return target[String(name)];
    },
  });
  readSettings(environment);
  const read = [...asked].filter((name) => !INSTEAD.includes(name));
  expect((await deployedNames()).filter((name) => !PLATFORM.includes(name))).toEqual(read.sort());
});

test('the platform settings are there', async () => {
  expect(await deployedNames()).toEqual(expect.arrayContaining(PLATFORM));
});

test.each([5, 10, 15, 20, 30, 60])(
  'a sweep every %d minutes is a schedule of that period',
  async (minutes) => {
    const { root } = await template('main.bicep');
    expect(root.text).toContain(
      "sweepEveryMinutes == 60 ? '0 0 * * * *' : '0 */${sweepEveryMinutes} * * * *'",
    );
    const schedule = parseSchedule(minutes === 60 ? '0 0 * * * *' : `0 */${minutes} * * * *`);
    expect(longestPeriodSeconds(schedule, new Date(0))).toBe(minutes * 60);
  },
);

test('the cloud that Bicep calls AzureCloud is the public one, the others bear one name', async () => {
  const { value } = await declaration(APP, 'azureSettings');
  expect(value?.text).toContain(
    "environment().name == 'AzureCloud' ? 'AzurePublicCloud' : environment().name",
  );
  expect(Object.keys(CLOUDS)).toEqual(['AzurePublicCloud', 'AzureUSGovernment', 'AzureChinaCloud']);
});

test('the parameter file of azd gives parameters that main.bicep has, and all that it needs', async () => {
  const file: unknown = JSON.parse(readFileSync(join(INFRA, 'main.parameters.json'), 'utf8'));
  const given = Object.keys(
    z.object({ parameters: z.record(z.string(), z.unknown()) }).parse(file).parameters,
  );
  const params = (await template('main.bicep')).declarations.filter(({ kind }) => kind === 'param');
  expect(params.map(({ name }) => name)).toEqual(expect.arrayContaining(given));
  expect(params.filter(({ value, name }) => value === undefined && !given.includes(name))).toEqual([]);
});

test('every parameter that an operator sets is described', async () => {
  for (const file of ['main.bicep', 'events.bicep', 'management-group.bicep']) {
    const { root, declarations } = await template(file);
    const described = [...nodesOf(root)].filter(
      ({ type, text }) => type === 'decorator' && text.startsWith('@description('),
    );
    expect(described).toHaveLength(declarations.filter(({ kind }) => kind === 'param').length);
  }
});
