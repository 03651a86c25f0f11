import type { Binding, Rows, Scalar, Scope } from './compile.ts';
import { castTo } from './comparisons.ts';
import { scalarFunctions } from './functions/index.ts';
import { withStatements } from './statements.ts';
import { itemsOf, part } from './tree.ts';
import type { Node } from './tree.ts';
import { columnType, isNumeric, unsupported } from './values.ts';

/** The arguments of a call as written. */
export function argumentsOf(call: Node): readonly Node[] {
  return itemsOf(part(call, 'ArgumentList'), 'Expressions');
}

/** Compiles the call of a scalar function: an aggregate of the rows around it, a user's one or a built-in one. */
export function compileCall(call: Node, scope: Scope, rows: Rows | undefined): Scalar {
  const { name } = part(call, 'Name');
  const aggregate = rows?.aggregate?.(call);
  if (aggregate) return aggregate;
  if (isUserFunction(name, scope)) {
    const inner = enterFunction(call, scope, rows);
    return scope.compileScalar(inner.result, inner.scope, rows);
  }
  if (name === 'ingestion_time') return ingestionTime(rows);
  const build = scalarFunctions.get(name);
  if (!build) throw unsupported('function', name);
  const type = columnType(call.type);
  const nodes = argumentsOf(call);
  const last = nodes.at(-1);
  // A type is no value: it says what the result is cast to.
  const typeArgument = last?.kind === 'TypeOfLiteralExpression' ? last : undefined;
  const args = nodes
    .filter((item) => item !== typeArgument)
    .map((argument) => scope.compileScalar(argument, scope, rows));
  const built = build(args, name);
  const scalar: Scalar = {
    type: built.type ?? type,
    constant: args.every((argument) => argument.constant),
    evaluate: built.evaluate,
  };
  if (scalar.type === type || (isNumeric(scalar.type) && isNumeric(type) && !typeArgument))
    return { ...scalar, type };
  if (typeArgument) return castTo(scalar, type);
  throw unsupported('result type', `${type} of ${name}`);
}

function ingestionTime(rows: Rows | undefined): Scalar {
  return { type: 'datetime', constant: false, evaluate: rows?.ingestion ?? (() => null) };
}

/** Whether the name is a function of the query (`let`) or a saved one. */
export function isUserFunction(name: string, scope: Scope): boolean {
  return scope.locals.get(name)?.kind === 'function' || scope.savedFunctions.has(name);
}

/** The body of a called function, with its parameters bound to the arguments. */
export function enterFunction(
  call: Node,
  scope: Scope,
  rows: Rows | undefined,
): { readonly result: Node; readonly scope: Scope } {
  const { name } = part(call, 'Name');
  const bound = scope.locals.get(name);
  const outer = bound?.kind === 'function' ? bound.scope : { ...scope, locals: new Map<string, Binding>() };
  const body = call.body();
  if (!body) throw unsupported('function', name);
  const locals = new Map(outer.locals);
  for (const [parameter, binding] of bindArguments(call, scope, rows)) locals.set(parameter, binding);
  const inner = withStatements(itemsOf(body, 'Statements'), { ...outer, locals });
  return { result: part(body, 'Expression'), scope: inner };
}

function bindArguments(
  call: Node,
  scope: Scope,
  rows: Rows | undefined,
): readonly (readonly [string, Binding])[] {
  const given = argumentsOf(call);
  const named = given.find((argument) => argument.kind === 'SimpleNamedExpression');
  if (named) throw unsupported('argument by name', part(named, 'Name').name);
  return call.parameters().map(({ name, byDefault }, index) => {
    const argument = given[index] ?? byDefault;
    if (!argument) throw new Error(`KQL: the parameter ${name} of ${part(call, 'Name').name} has no value`);
    if (argument.tabular)
      return [name, { kind: 'relation', relation: scope.compileRelation(argument, scope) }];
    return [name, { kind: 'scalar', scalar: scope.compileScalar(argument, scope, rows), rows }];
  });
}
