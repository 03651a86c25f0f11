import type { Rows, Scalar, Scope } from './compile.ts';
import { part } from './tree.ts';
import type { Node } from './tree.ts';
import { isArray, isBag, jsonValue, unsupported } from './values.ts';
import type { Value } from './values.ts';

/** `bag.name` and `bag.['name']`. */
export function compileMember(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  const base = dynamicBase(node, scope, rows);
  const selector = part(node, 'Selector');
  if (selector.kind !== 'NameReference') throw unsupported('selector', selector.kind);
  const { name } = selector;
  return {
    type: 'dynamic',
    constant: base.constant,
    evaluate: (row, run) => slot(base.evaluate(row, run), name),
  };
}

/** `bag['name']`, `array[0]` and, from the end, `array[-1]`. */
export function compileElement(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  const base = dynamicBase(node, scope, rows);
  const index = scope.compileScalar(part(part(node, 'Selector'), 'Expression'), scope, rows);
  if (!['string', 'int', 'long'].includes(index.type)) throw unsupported('index', index.type);
  return {
    type: 'dynamic',
    constant: base.constant && index.constant,
    evaluate: (row, run) => slot(base.evaluate(row, run), index.evaluate(row, run)),
  };
}

function dynamicBase(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  const base = scope.compileScalar(part(node, 'Expression'), scope, rows);
  if (base.type !== 'dynamic') throw unsupported('path', `into a ${base.type}`);
  return base;
}

function slot(value: Value, key: Value): Value {
  if (typeof key === 'string')
    return isBag(value) && Object.hasOwn(value, key) ? jsonValue(value[key]) : null;
  return typeof key === 'number' && isArray(value) ? jsonValue(value.at(key)) : null;
}
