/**
 * The part of the module `@azure/functions-core` that the programming model uses. That module is on no registry: it
 * exists only inside the Functions worker, so its shapes are written down here.
 */

/** A binding as it was registered; property names depend on its type. */
export type Binding = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly direction?: string;
};

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export interface NullableText {
  readonly value?: string;
}

export interface HttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableText;
  readonly path?: NullableText;
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, NullableText>>;
  readonly nullableQuery?: Readonly<Record<string, NullableText>>;
  readonly nullableParams?: Readonly<Record<string, NullableText>>;
  readonly body?: TypedData;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly HttpCookie[];
}

/** One value on its way between host and worker. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: HttpData;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type Callback = (...inputs: unknown[]) => unknown;
export type HookCallback = (context: object) => unknown;

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

export interface CoreContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: InvocationRequest;
  state: 'preInvocationHooks' | 'postInvocationHooks' | undefined;
  readonly log: (level: LogLevel, category: string, message: string) => void;
}

interface InvocationModel {
  readonly getArguments: () => Promise<{ context: object; inputs: unknown[] }>;
  readonly invokeFunction: (context: object, inputs: unknown[], callback: Callback) => Promise<unknown>;
  readonly getResponse: (context: object, result: unknown) => Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly getInvocationModel: (context: CoreContext) => InvocationModel;
  readonly getCapabilities: (capabilities: object) => Promise<object>;
}

export const HOOKS = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOKS)[number];

export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: Callback;
}

/** What one app registered while it was loaded. */
export interface Registrations {
  readonly functions: ReadonlyMap<string, Registration>;
  readonly hooks: ReadonlyMap<HookName, readonly HookCallback[]>;
  readonly model: ProgrammingModel;
}
