import { randomUUID } from 'node:crypto';
import type {
  Callback,
  CoreContext,
  HookCallback,
  HookName,
  InvocationResponse,
  Registrations,
  TypedData,
} from './core-api.ts';
import type { HostLog } from './log.ts';

/** What a listener hands over: the trigger's value and what stands beside it. */
export interface TriggerInput {
  readonly data: TypedData;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
}

/** Writes the output bindings of one invocation; what it throws fails the invocation. */
export type WriteOutputs = (functionName: string, response: InvocationResponse) => Promise<void>;

/** Stands for the language worker: runs functions with their hooks and knows which are running. */
export interface Worker {
  /** Runs one function to its end, outputs included; throws what the handler, a hook or an output throws. */
  readonly invoke: (name: string, input: TriggerInput) => Promise<InvocationResponse>;
  readonly runAppHooks: (hook: 'appStart' | 'appTerminate') => Promise<void>;
  /** Resolves when nothing runs any more. */
  readonly idle: () => Promise<void>;
  readonly runningCount: () => number;
}

/** A worker for one loaded app. */
export function startWorker(app: Registrations, log: HostLog, writeOutputs: WriteOutputs): Worker {
  const running = new Set<Promise<unknown>>();
  const appHookData = {};
  const hooksOf = (hook: HookName): readonly HookCallback[] => app.hooks.get(hook) ?? [];
  const runHooks = async (hook: HookName, context: object): Promise<void> => {
    for (const callback of hooksOf(hook)) await callback(context);
  };

  const run = async (name: string, input: TriggerInput): Promise<InvocationResponse> => {
    const registration = app.functions.get(name);
    if (registration === undefined) throw new Error(`There is no function ${name}.`);
    const { metadata } = registration;
    const invocationId = randomUUID();
    let invocationContext: object | undefined = undefined;
    const context: CoreContext = {
      invocationId,
      metadata,
      state: undefined,
      request: {
        invocationId,
        functionId: name,
        inputData: [{ name: triggerName(metadata.bindings), data: input.data }],
        triggerMetadata: input.triggerMetadata ?? {},
      },
      log: (level, category, message) => {
        const entry = { level, category, message, invocationContext, hookData: {}, appHookData };
        for (const callback of hooksOf('log')) callback(entry);
        log(entry.level, entry.message, name);
      },
    };
    const model = app.model.getInvocationModel(context);
    const before = await model.getArguments();
    invocationContext = before.context;
    const shared = { hookData: {}, appHookData, invocationContext };
    const pre = { ...shared, functionCallback: registration.callback, inputs: before.inputs };
    context.state = 'preInvocationHooks';
    await runHooks('preInvocation', pre);
    context.state = undefined;
    const post = { ...shared, inputs: pre.inputs, ...(await outcome(pre.functionCallback, pre.inputs)) };
    context.state = 'postInvocationHooks';
    await runHooks('postInvocation', post);
    context.state = undefined;
    if (post.error !== null) throw asError(post.error);
    const response = await model.getResponse(before.context, post.result);
    await writeOutputs(name, response);
    return response;

    async function outcome(
      callback: Callback,
      inputs: unknown[],
    ): Promise<{ result: unknown; error: unknown }> {
      try {
        return { result: await model.invokeFunction(before.context, inputs, callback), error: null };
      } catch (error) {
        return { result: null, error: error ?? new Error(`The function ${name} threw ${String(error)}.`) };
      }
    }
  };

  return {
    invoke: async (name, input) => {
      const invocation = run(name, input);
      running.add(invocation);
      try {
        return await invocation;
      } catch (error) {
        log('error', `failed: ${describe(error)}`, name);
        throw error;
      } finally {
        running.delete(invocation);
      }
    },
    runAppHooks: (hook) => runHooks(hook, { hookData: appHookData }),
    idle: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
    runningCount: () => running.size,
  };
}

function triggerName(bindings: Readonly<Record<string, { readonly type: string }>>): string {
  const trigger = Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type));
  if (trigger === undefined) throw new Error('The function has no trigger.');
  return trigger[0];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
