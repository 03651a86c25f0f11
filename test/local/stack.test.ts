import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getJson } from '../../local/api-client.ts';
import { putRule, startCloud } from '../end-to-end/cloud.ts';
import { estateOf, flexible, LAB, serverId, SHOP } from '../end-to-end/estate.ts';

const HOST = join(import.meta.dirname, '..', '..', 'local', 'host', 'main.ts');

test('a stack starts, delivers events to the app, and leaves nothing behind', async () => {
  const lines: string[] = [];
  const stack = await startCloud(estateOf([flexible('orders', 'Enabled')]), {
    log: (line) => lines.push(line),
  });
  try {
    expect(lines).toContain('ready');
    expect(stack.azure.counters.events.dropped).toBe(0);
    await access(stack.certificateFile);
    expect(await getJson(`${stack.url}/api/servers`)).toEqual({ value: [] });
    await putRule(stack, serverId('orders'), 'x', '198.51.100.1', '198.51.100.1');
    await stack.azure.eventsIdle();
    expect(stack.azure.counters.events).toMatchObject({ published: 1, delivered: 1, dropped: 0 });
  } finally {
    await stack.close();
  }
  await expect(fetch(`${stack.url}/api/health`)).rejects.toThrow();
  await expect(access(stack.certificateFile)).rejects.toThrow();
});

test('a stack that cannot start says why and stops what it had started', async () => {
  const wrong = startCloud(estateOf([]), { settings: { BASELINE_MODE: 'sometimes' } });
  await expect(wrong).rejects.toThrow(/ended with 1: BASELINE_MODE: "sometimes" is not one of/);
});

describe.concurrent('the host ends with exactly one line for a setting that is', () => {
  const right = {
    MONITOR_SUBSCRIPTIONS: `${SHOP},${LAB}`,
    AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://localhost:1',
    LOGS_INGESTION_ENDPOINT: 'https://localhost:1',
    LOGS_INGESTION_RULE_ID: 'dcr-00000000000000000000000000000000',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  };

  test.for([
    { when: 'missing', setting: 'LOGS_INGESTION_RULE_ID', value: undefined },
    { when: 'no address', setting: 'LOGS_INGESTION_ENDPOINT', value: 'http://example.com' },
    { when: 'no connection string', setting: 'AzureWebJobsStorage', value: 'AccountKey=x' },
  ])('$when: $setting', async ({ setting, value }) => {
    const { status, out, err } = await host({ ...right, [setting]: value });
    expect(status).toBe(1);
    const lines = `${out}${err}`.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${setting}: `));
  });

  function host(
    settings: Readonly<Record<string, string | undefined>>,
  ): Promise<{ status: number | null; out: string; err: string }> {
    return new Promise((resolve) => {
      const options = { env: { PATH: process.env.PATH, ...settings }, timeout: 20_000 };
      const child = execFile(process.execPath, [HOST, '--port', '0'], options, (_error, out, err) => {
        resolve({ status: child.exitCode, out, err });
      });
    });
  }
});
