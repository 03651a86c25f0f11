import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** One call of the Azure CLI, without the `az`. */
export type AzCall = readonly string[];

/** A new function or a new role takes minutes until Event Grid finds it. */
const TRIES = 5;
const PAUSE_MS = 60_000;

const Node = z.object({ type: z.string(), name: z.string(), children: z.array(z.unknown()).nullish() });

/** Ids of the subscriptions anywhere below a management group, from `az account management-group show --expand --recurse`. */
export function subscriptionsBelow(group: unknown): readonly string[] {
  const { type, name, children } = Node.parse(group);
  if (type.toLowerCase().endsWith('/subscriptions')) return [name.toLowerCase()];
  return (children ?? []).flatMap(subscriptionsBelow);
}

/** The calls that give the app's identity its role in each watched management group. */
export function groupCalls(env: Environment): readonly AzCall[] {
  const name = required(env, 'MONITOR_NAME');
  return listOf(env.MONITOR_WATCHED_MANAGEMENT_GROUPS).map((group) => [
    ...['deployment', 'mg', 'create', '--management-group-id', group],
    ...['--name', `${name}-read-access`, '--location', required(env, 'AZURE_LOCATION')],
    ...['--template-file', template('management-group.bicep'), '--parameters'],
    ...[`name=${name}`, `principalId=${required(env, 'MONITOR_IDENTITY_PRINCIPAL_ID')}`],
  ]);
}

/**
 * The calls that deploy events.bicep, one for each subscription. `MONITOR_EXISTING_TOPICS` names the topics that are there
 * already: `<subscription>=<resource group>/<topic>`, with commas between.
 */
export function eventCalls(env: Environment, subscriptions: readonly string[]): readonly AzCall[] {
  const name = required(env, 'MONITOR_NAME');
  const topics = new Map(listOf(env.MONITOR_EXISTING_TOPICS).map(topicOf));
  return [...new Set(subscriptions)].map((subscription) => {
    const topic = topics.get(subscription);
    return [
      ...['deployment', 'sub', 'create', '--subscription', subscription],
      ...['--name', `${name}-events`, '--location', required(env, 'AZURE_LOCATION')],
      ...['--template-file', template('events.bicep'), '--parameters', `name=${name}`],
      `appId=${required(env, 'MONITOR_APP_ID')}`,
      `storageId=${required(env, 'MONITOR_STORAGE_ID')}`,
      `eventDelivery=${required(env, 'MONITOR_EVENT_DELIVERY')}`,
      `actionGroupId=${env.MONITOR_ACTION_GROUP_ID ?? ''}`,
      ...(topic ? [`resourceGroupName=${topic.group}`, `existingSystemTopicName=${topic.name}`] : []),
    ];
  });
}

function topicOf(text: string): readonly [string, { readonly group: string; readonly name: string }] {
  const [, subscription, group, name] = /^([0-9a-f-]{36})=([^/]+)\/([^/]+)$/i.exec(text) ?? [];
  if (subscription === undefined || group === undefined || name === undefined) {
    throw new Error(
      `MONITOR_EXISTING_TOPICS: "${text}" is not <subscription id>=<resource group>/<topic name>.`,
    );
  }
  return [subscription.toLowerCase(), { group, name }];
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function required(env: Environment, name: string): string {
  const value = env[name]?.trim();
  if (value) return value;
  throw new Error(`${name}: not set; azd sets it from the outputs of infra/main.bicep.`);
}

function template(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function az(call: AzCall, output: 'inherit' | 'pipe'): { readonly ok: boolean; readonly text: string } {
  const shell = process.platform === 'win32';
  const args = [...call, '--only-show-errors', '--output', output === 'pipe' ? 'json' : 'none'];
  const quoted = shell ? args.map((arg) => `"${arg}"`) : args;
  const done = spawnSync('az', quoted, { stdio: ['ignore', output, 'inherit'], encoding: 'utf8', shell });
  if (done.error) throw new Error(`The Azure CLI could not be started: ${done.error.message}`);
  return { ok: done.status === 0, text: output === 'pipe' ? done.stdout : '' };
}

async function deploy(call: AzCall): Promise<boolean> {
  for (let attempt = 1; attempt < TRIES; attempt += 1) {
    if (az(call, 'inherit').ok) return true;
    console.log(`Not yet (${attempt} of ${TRIES}); the next try is in ${PAUSE_MS / 1000} s.`);
    await pause(PAUSE_MS);
  }
  return az(call, 'inherit').ok;
}

async function main(env: Environment): Promise<void> {
  const failed: string[] = [];
  const groups = listOf(env.MONITOR_WATCHED_MANAGEMENT_GROUPS);
  for (const [index, call] of groupCalls(env).entries()) {
    console.log(`Read access in management group ${groups[index] ?? ''}`);
    if (!(await deploy(call))) failed.push(`management group ${groups[index] ?? ''}`);
  }
  const below = groups.flatMap((group) => {
    const shown = az(
      ['account', 'management-group', 'show', '--name', group, '--expand', '--recurse'],
      'pipe',
    );
    if (shown.ok) return subscriptionsBelow(JSON.parse(shown.text));
    failed.push(`the subscriptions of management group ${group}`);
    return [];
  });
  const subscriptions = [...new Set([...listOf(env.MONITOR_WATCHED_SUBSCRIPTIONS), ...below])];
  for (const [index, call] of eventCalls(env, subscriptions).entries()) {
    console.log(`Events of subscription ${subscriptions[index] ?? ''}`);
    if (!(await deploy(call))) failed.push(`subscription ${subscriptions[index] ?? ''}`);
  }
  console.log(`Deployed: events of ${subscriptions.length} subscriptions, ${failed.length} failures.`);
  if (failed.length === 0) return;
  for (const what of failed) console.error(`Failed: ${what}. The sweep watches it all the same.`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.env);
