import type { Evaluate, Scalar } from '../compile.ts';
import { unsupported } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';

/** A compiled call; without a type it has the one that the binder found. */
export interface Built {
  readonly type?: ColumnType;
  readonly evaluate: Evaluate;
}

/** Compiles a call for the arguments that the query gives. */
export type Build = (args: readonly Scalar[], name: string) => Built;

/** The argument at that place; throws where the query gives none. */
export function argument(args: readonly Scalar[], index: number, name: string): Scalar {
  const found = args[index];
  if (found) return found;
  throw unsupported('number of arguments', `${args.length} of ${name}`);
}

/** Refuses more arguments than the runner knows. */
export function atMost(args: readonly Scalar[], count: number, name: string): void {
  if (args.length > count) throw unsupported('number of arguments', `${args.length} of ${name}`);
}

/** A function of one value and its type. */
export function ofOne(type: ColumnType, apply: (value: Value, type: ColumnType) => Value): Build {
  return (args, name) => {
    atMost(args, 1, name);
    const { type: given, evaluate } = argument(args, 0, name);
    return { type, evaluate: (row, run) => apply(evaluate(row, run), given) };
  };
}

/** A function of all its values. */
export function ofAll(
  type: ColumnType,
  apply: (values: readonly Value[], types: readonly ColumnType[]) => Value,
): Build {
  return (args) => {
    const types = args.map((arg) => arg.type);
    return {
      type,
      evaluate: (row, run) =>
        apply(
          args.map((arg) => arg.evaluate(row, run)),
          types,
        ),
    };
  };
}

/** Refuses an argument of another type than the wanted ones. */
export function expectType(scalar: Scalar, wanted: readonly ColumnType[], name: string): Scalar {
  if (wanted.includes(scalar.type)) return scalar;
  throw unsupported('argument type', `${scalar.type} of ${name}`);
}

/** A text that decides how a call is compiled, so that it must stand in the query itself. */
export function writtenText(scalar: Scalar, what: string): string {
  if (typeof scalar.literal === 'string') return scalar.literal;
  throw unsupported(what, 'that is not written in the query');
}
