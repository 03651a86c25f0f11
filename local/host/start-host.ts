import { applySettings } from './app-settings.ts';
import type { AppSettings } from './app-settings.ts';
import { readHostJson } from './host-json.ts';
import { entryOf, loadApp } from './load-app.ts';
import { lineLog } from './log.ts';
import { serveApp } from './serve-app.ts';

/** What a local host is started with. */
export interface HostOptions {
  /** The app's entry, or a folder with a package.json whose `main` is it. */
  readonly app: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly hostname: string;
  /** Are put into `process.env` before the app loads, and taken out again at the end. */
  readonly settings: AppSettings;
  /** Takes one line; terminal control characters are already written as numbers. */
  readonly log: (line: string) => void;
}

/** A running local host. */
export interface Host {
  /** Without a slash at the end. */
  readonly url: string;
  readonly functions: readonly string[];
  /** One line a function: its name and what starts it. */
  readonly listing: readonly string[];
  /** Takes nothing new, awaits what runs for up to 30 seconds, then runs the app's appTerminate hooks. */
  readonly close: () => Promise<void>;
}

/** Where an app sees that it runs in a local host, and whether only this machine reaches it. */
const MARK = Symbol.for('database-exposure-monitor.local-host');
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * Loads the app and serves its functions in this process as the Azure Functions host does.
 * @throws what the app throws while it loads, or Error with one line about the app, host.json, a setting or the port.
 */
export async function startHost({ app, port, hostname, settings, log }: HostOptions): Promise<Host> {
  const hostLog = lineLog(log);
  const loopback = LOOPBACK.includes(hostname);
  const restoreSettings = applySettings(settings);
  Reflect.set(globalThis, MARK, { loopback });
  const leave = (): void => {
    Reflect.deleteProperty(globalThis, MARK);
    restoreSettings();
  };
  try {
    const entry = entryOf(app);
    const hostSettings = readHostJson(entry);
    const registrations = await loadApp(entry, (level, message) => {
      hostLog(level, message);
    });
    const served = await serveApp(registrations, hostSettings, { port, hostname, loopback }, hostLog);
    return {
      url: served.url,
      functions: [...registrations.functions.keys()],
      listing: served.listing,
      close: async () => {
        try {
          await served.close();
        } finally {
          leave();
        }
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}
