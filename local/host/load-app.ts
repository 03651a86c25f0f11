import { existsSync, readFileSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { HOOKS } from './core-api.ts';
import type {
  Callback,
  FunctionMetadata,
  HookCallback,
  HookName,
  LogLevel,
  ProgrammingModel,
  Registration,
  Registrations,
} from './core-api.ts';

interface Recording {
  readonly functions: Map<string, Registration>;
  readonly hooks: Map<HookName, HookCallback[]>;
}

interface Disposable {
  readonly dispose: () => void;
}

const CORE = '@azure/functions-core';
/** ESM sources run once in a process: a second start of the same app gets what the first one registered. */
const loadedSources = new Map<string, Registrations>();
let recording: Recording | undefined;
let model: ProgrammingModel | undefined;
let systemLog: (level: LogLevel, message: string) => void = () => undefined;

/**
 * Loads an app the way the Functions worker does: it answers `require('@azure/functions-core')` and records what the
 * entry registers.
 * @throws what the entry throws, or Error when it registers nothing.
 */
export async function loadApp(
  entry: string,
  log: (level: LogLevel, message: string) => void,
): Promise<Registrations> {
  systemLog = log;
  const known = loadedSources.get(entry);
  if (known !== undefined) return known;
  const current: Recording = { functions: new Map(), hooks: new Map() };
  recording = current;
  try {
    await evaluate(entry);
  } finally {
    recording = undefined;
  }
  if (current.functions.size === 0 || model === undefined) {
    throw new Error(`The app ${entry} registers no function.`);
  }
  const registrations: Registrations = { ...current, model };
  if (!isCommonJs(entry)) loadedSources.set(entry, registrations);
  return registrations;
}

/**
 * The file that an app starts with: a file itself, or the `main` of the package.json in a folder.
 * @throws Error when there is none.
 */
export function entryOf(app: string): string {
  const path = resolve(app);
  if (!existsSync(path)) throw new Error(`The app ${path} does not exist.`);
  if (!statSync(path).isDirectory()) return path;
  const manifest = join(path, 'package.json');
  if (!existsSync(manifest)) throw new Error(`The app folder ${path} has no package.json.`);
  const { main } = z.object({ main: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  const entry = join(path, main);
  if (!existsSync(entry)) throw new Error(`The app ${entry} does not exist.`);
  return entry;
}

async function evaluate(entry: string): Promise<void> {
  if (!isCommonJs(entry)) {
    await import(pathToFileURL(entry).href);
    return;
  }
  const require = createRequire(join(dirname(entry), 'package.json'));
  Reflect.deleteProperty(require.cache, require.resolve(entry));
  require(entry);
}

function isCommonJs(entry: string): boolean {
  return entry.endsWith('.cjs');
}

/** Patched at import and for good: the library keeps the answer that it was given first, also none. */
function answerRequire(): void {
  const require = Reflect.get(Module.prototype, 'require') as (this: unknown, id: string) => unknown;
  if (Reflect.get(require, 'answers') === CORE) return;
  const patched = function (this: unknown, id: string): unknown {
    return id === CORE ? core : require.call(this, id);
  };
  Reflect.set(Module.prototype, 'require', Object.assign(patched, { answers: CORE }));
}

function registerFunction(metadata: FunctionMetadata, callback: Callback): Disposable {
  if (recording === undefined) throw new Error('A function can only be registered during app startup.');
  const { functions } = recording;
  const lower = metadata.name.toLowerCase();
  const same = [...functions.keys()].find((name) => name.toLowerCase() === lower);
  // The Functions host ends altogether over two names that differ only in case.
  if (same !== undefined) throw new Error(`The function ${metadata.name} is registered already, as ${same}.`);
  functions.set(metadata.name, { metadata, callback });
  return { dispose: () => functions.delete(metadata.name) };
}

function registerHook(name: string, callback: HookCallback): Disposable {
  const hook = HOOKS.find((known) => known === name);
  if (hook === undefined) throw new RangeError(`Unrecognized hook "${name}".`);
  if (recording === undefined) throw new Error('A hook can only be registered during app startup.');
  const callbacks = recording.hooks.get(hook) ?? [];
  recording.hooks.set(hook, callbacks);
  callbacks.push(callback);
  return { dispose: () => callbacks.splice(callbacks.indexOf(callback) >>> 0, 1) };
}

const core = {
  version: '3.9.0',
  hostVersion: '4.1037.0',
  Disposable: function (this: { dispose: () => void }, undo?: () => void) {
    this.dispose = undo ?? (() => undefined);
  },
  setProgrammingModel: (given: ProgrammingModel) => (model = given),
  getProgrammingModel: () => model,
  registerHook,
  registerFunction,
  log: (level: LogLevel, _category: string, message: string) => {
    systemLog(level, message);
  },
};

answerRequire();
