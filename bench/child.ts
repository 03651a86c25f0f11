import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What a child process can be asked: by name, what it is given and what it answers. */
export type Commands = Readonly<Record<string, { readonly given: unknown; readonly answer: unknown }>>;

/** A child process that answers one question at a time. */
export interface Child<Known extends Commands> {
  ask<Name extends keyof Known & string>(
    name: Name,
    given: Known[Name]['given'],
  ): Promise<Known[Name]['answer']>;
  close(): Promise<void>;
}

/** How a child process is started. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** Keep off the first core, where the measured processes may stay. */
  readonly apart?: boolean;
}

type Answer = { readonly value: unknown } | { readonly error: string };

/** Starts a module that calls `serve`. What it prints goes to standard error. */
export function startChild<Known extends Commands>(file: string, options: ChildOptions = {}): Child<Known> {
  const { command, prefix } = options.apart ? apart() : { command: process.execPath, prefix: [] };
  const child = spawn(command, [...prefix, ...(options.flags ?? []), file], {
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    ask: (name, given) => askChild(child, file, name, given),
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** With three cores or more, what is not measured runs on all but the first. */
function apart(): { readonly command: string; readonly prefix: readonly string[] } {
  const cores = availableParallelism();
  if (cores < 3 || process.platform !== 'linux') return { command: process.execPath, prefix: [] };
  return { command: 'taskset', prefix: ['-c', `1-${cores - 1}`, process.execPath] };
}

function askChild(child: ChildProcess, file: string, name: string, given: unknown): Promise<never> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`${file} ended with ${code ?? 'a signal'} while it was asked for ${name}`));
    };
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      // The child is ours: it answers what its commands say.
      const answer = message as Answer;
      if ('error' in answer) reject(new Error(`${name}: ${answer.error}`));
      else resolve(answer.value as never);
    });
    child.send({ name, given: given ?? null });
  });
}

/** In a child process: answers what it is asked until the parent goes. */
export function serve<Known extends Commands>(answers: {
  readonly [Name in keyof Known]: (
    given: Known[Name]['given'],
  ) => Known[Name]['answer'] | Promise<Known[Name]['answer']>;
}): void {
  const known = new Map<string, (given: never) => unknown>(Object.entries(answers));
  const reply = (answer: Answer): void => {
    process.send?.(answer);
  };
  process.on('message', (message) => {
    const { name, given } = message as { name: string; given: never };
    const answer = known.get(name);
    const value = answer ? Promise.resolve(given).then(answer) : Promise.reject(new Error('not known'));
    value.then(
      (result) => {
        reply({ value: result ?? null });
      },
      (error: unknown) => {
        reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
