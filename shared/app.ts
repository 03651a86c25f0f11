import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { APP_VERSION } from './app-version.ts';
import { azureCredential } from './azure/credential.ts';
import { armReader } from './azure/arm.ts';
import { graphReader } from './azure/graph.ts';
import type { Environment } from './environment.ts';
import { hashOf } from './identity.ts';
import { loadPolicy } from './load-policy.ts';
import type { Ports } from './ports.ts';
import type { Rule } from './model.ts';
import * as registry from './rules/index.ts';
import { currentScope } from './sweeping/scope.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';
import { logAnalytics } from './sinks/log-analytics.ts';
import { azureDeadLetters } from './state/azure-blobs.ts';
import { azureQueue } from './state/azure-queue.ts';
import { azureTable } from './state/azure-table.ts';

/** What every function works with; made once a process, at the first need. */
export interface App {
  readonly settings: Settings;
  /** Ports with counters of their own: those of one invocation. */
  readonly ports: (log: Ports['log']) => Ports;
  readonly environment: (ports: Ports) => Promise<Environment>;
}

/** Every rule of the catalogue. */
export const RULES: readonly Rule[] = Object.values(registry);

/** Set by the local Functions host, which no deployed app can do by a setting. */
const LOCAL_HOST = Symbol.for('database-exposure-monitor.local-host');

/** True in the local Functions host while it listens on loopback: HTTP routes are open there. */
export function isLocalLoopback(): boolean {
  const host = (globalThis as Record<symbol, unknown>)[LOCAL_HOST];
  return typeof host === 'object' && host !== null && 'loopback' in host && host.loopback === true;
}

export function isLocalHost(): boolean {
  return LOCAL_HOST in globalThis;
}

let made: App | undefined;

/** The app of this process; throws SettingsError, the same line at every call, when a setting is wrong. */
export function app(): App {
  made ??= makeApp(readSettings(process.env));
  return made;
}

/** In the local host a wrong setting ends the start; in Azure it would leave an app without functions and without a word. */
export function checkSettingsAtStart(): void {
  if (isLocalHost()) app();
}

/** The line of a wrong setting, or undefined when all are right. */
export function settingsProblem(): string | undefined {
  try {
    app();
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}

function makeApp(settings: Settings): App {
  const credential = azureCredential(settings);
  const table = azureTable(settings.storage, credential);
  const queue = azureQueue(settings.storage, credential);
  const sink = logAnalytics(settings, credential);
  const letters = azureDeadLetters(settings.storage, credential);
  const deadLetters = (): Promise<number> => letters.count();
  const azure = { endpoint: settings.resourceManager, scope: settings.resourceManagerScope, credential };
  return {
    settings,
    ports(log) {
      const calls = { graph: 0, management: 0, throttled: 0 };
      const process = { now: () => Date.now(), random: () => Math.random() };
      const arm = armReader({ ...azure, calls });
      const graph = graphReader({ ...azure, calls });
      return { table, queue, sink, arm, graph, process, log, calls, deadLetters };
    },
    async environment(ports) {
      const scope = await currentScope(settings, ports.table);
      const { policy, rules, problems, digest, notices } = await loadPolicy({
        policyFile: settings.policyFile,
        folder: entryFolder(),
        credential,
        rules: RULES,
        table: ports.table,
        now: new Date(ports.process.now()).toISOString(),
      });
      return {
        scope: scope.subscriptions,
        tenants: scope.tenants,
        rules,
        policy,
        baselineMode: settings.baselineMode,
        actorDetail: settings.actorDetail,
        circumstances: hashOf(JSON.stringify([APP_VERSION, digest, scope.subscriptions, scope.tenants])),
        problems,
        notices,
      };
    },
  };
}

/** The folder of the deployed bundle, where its `policy.json` lies; from sources the project's own. */
function entryFolder(): string {
  return typeof __dirname === 'string' && existsSync(join(__dirname, 'host.json'))
    ? __dirname
    : process.cwd();
}
