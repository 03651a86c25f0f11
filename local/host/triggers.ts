import * as z from 'zod';
import type { Binding, FunctionMetadata, Registrations } from './core-api.ts';

/** The triggers that the local host serves, with what it reads of each; texts are still unresolved (`%NAME%`). */
export type Trigger =
  | { readonly kind: 'http'; readonly route: string; readonly methods: string[]; readonly authLevel: string }
  | { readonly kind: 'timer'; readonly schedule: string; readonly runOnStartup: boolean }
  | { readonly kind: 'eventGrid' }
  | { readonly kind: 'queue'; readonly queueName: string; readonly connection: string };

/** One function of the app with its trigger. */
export interface HostFunction {
  readonly name: string;
  readonly trigger: Trigger;
}

/** A queue that functions write to; keyed by the binding's name (`$return` for the return value). */
export interface QueueOutput {
  readonly functionName: string;
  readonly bindingName: string;
  readonly queueName: string;
  readonly connection: string;
}

const queue = z.object({ queueName: z.string().min(1), connection: z.string().default('') });
const http = z.object({
  route: z.string().optional(),
  methods: z.array(z.string()).default([]),
  authLevel: z.string().default('anonymous'),
});
const timer = z.object({ schedule: z.string(), runOnStartup: z.boolean().default(false) });

/**
 * The functions that an app registered.
 * @throws Error with one line for a trigger or binding that the local host does not serve.
 */
export function readFunctions({ functions }: Registrations): readonly HostFunction[] {
  return [...functions.values()].map(({ metadata }) => ({
    name: metadata.name,
    trigger: readTrigger(metadata),
  }));
}

/** The queue outputs of all functions. */
export function readQueueOutputs({ functions }: Registrations): readonly QueueOutput[] {
  return [...functions.values()].flatMap(({ metadata }) =>
    Object.entries(metadata.bindings)
      .filter(([, { type }]) => type === 'queue')
      .map(([bindingName, binding]) => ({
        functionName: metadata.name,
        bindingName,
        ...parsed(queue, binding, metadata.name),
      })),
  );
}

function readTrigger({ name, bindings }: FunctionMetadata): Trigger {
  const all = Object.values(bindings);
  const refused = all.find(({ type, direction }) => !isServed(type, direction));
  if (refused !== undefined) {
    throw new Error(`The function ${name}: the local host does not serve the binding "${refused.type}".`);
  }
  const binding = all.find(({ type }) => type.endsWith('Trigger'));
  switch (binding?.type) {
    case 'httpTrigger': {
      const { route, methods, authLevel } = parsed(http, binding, name);
      return { kind: 'http', route: route ?? name, methods, authLevel };
    }
    case 'timerTrigger':
      return { kind: 'timer', ...parsed(timer, binding, name) };
    case 'eventGridTrigger':
      return { kind: 'eventGrid' };
    case 'queueTrigger':
      return { kind: 'queue', ...parsed(queue, binding, name) };
    default:
      throw new Error(`The function ${name} has no trigger.`);
  }
}

function isServed(type: string, direction: string | undefined): boolean {
  return direction === 'out'
    ? ['http', 'queue'].includes(type)
    : ['httpTrigger', 'timerTrigger', 'eventGridTrigger', 'queueTrigger'].includes(type);
}

function parsed<T>(schema: z.ZodType<T>, binding: Binding, name: string): T {
  const result = schema.safeParse(binding);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(
    `The function ${name}: ${binding.type}.${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}.`,
  );
}
