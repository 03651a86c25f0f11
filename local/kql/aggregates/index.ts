import type { Relation, Scalar, Scope } from '../compile.ts';
import { argumentsOf } from '../calls.ts';
import { expectType } from '../functions/build.ts';
import { part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { unsupported } from '../values.ts';
import type { Aggregate } from './build.ts';
import { collections } from './collections.ts';
import { compileArg, compileTakeAny } from './records.ts';
import { statistics } from './statistics.ts';

const single = new Map(Object.entries({ ...statistics, ...collections }));

/** Aggregates that look only at rows for which a condition holds, by the aggregate that they narrow. */
const narrowed: ReadonlyMap<string, string> = new Map([
  ['countif', 'count'],
  ['sumif', 'sum'],
  ['avgif', 'avg'],
  ['minif', 'min'],
  ['maxif', 'max'],
  ['dcountif', 'dcount'],
  ['take_anyif', 'take_any'],
  ['make_list_if', 'make_list'],
  ['make_set_if', 'make_set'],
  ['make_bag_if', 'make_bag'],
]);

/** Whether the node calls an aggregate of the language, known to the runner or not. */
export function isAggregate(node: Node): boolean {
  if (node.kind !== 'FunctionCallExpression') return false;
  const { name } = part(node, 'Name');
  return narrowed.has(name) || single.has(name) || ['arg_max', 'arg_min', 'take_any'].includes(name);
}

/** Compiles an aggregate over the rows of the input. */
export function compileAggregate(call: Node, input: Relation, scope: Scope): Aggregate {
  const { name } = part(call, 'Name');
  const base = narrowed.get(name);
  if (base === undefined) return compileBase(name, argumentsOf(call), call, input, scope);
  const at = name === 'countif' ? 0 : 1;
  const nodes = argumentsOf(call);
  const condition = nodes[at];
  if (!condition) throw unsupported('number of arguments', `${nodes.length} of ${name}`);
  const test = expectType(scope.compileScalar(condition, scope, input), ['bool'], name);
  return onlyWhere(test, compileBase(base, nodes.toSpliced(at, 1), call, input, scope));
}

function compileBase(
  name: string,
  nodes: readonly Node[],
  call: Node,
  input: Relation,
  scope: Scope,
): Aggregate {
  if (name === 'arg_max' || name === 'arg_min')
    return compileArg(nodes, name === 'arg_max', call, input, scope);
  if (name === 'take_any') return compileTakeAny(nodes, call, input, scope);
  const build = single.get(name);
  if (!build) throw unsupported('aggregate', name);
  return build(
    nodes.map((node) => scope.compileScalar(node, scope, input)),
    name,
  );
}

function onlyWhere(test: Scalar, aggregate: Aggregate): Aggregate {
  return {
    ...aggregate,
    start: () => {
      const inner = aggregate.start();
      return {
        ...inner,
        add: (row, run) => {
          if (test.evaluate(row, run) === true) inner.add(row, run);
        },
      };
    },
  };
}
