import type { Relation, Scope } from '../compile.ts';
import { itemsOf, operatorParameters, part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { isNumeric, unsupported } from '../values.ts';
import { matchedRows } from './join-rows.ts';
import type { Flavour, Key } from './join-rows.ts';

const pairs = { sides: 'both', matched: true, leftAlone: false, rightAlone: false } as const;
const leftAnti: Flavour = { sides: 'left', matched: false, leftAlone: true, rightAlone: false };
const rightAnti: Flavour = { sides: 'right', matched: false, leftAlone: false, rightAlone: true };

const flavours: ReadonlyMap<string, Flavour> = new Map<string, Flavour>([
  ['innerunique', { ...pairs, uniqueLeft: true }],
  ['inner', pairs],
  ['leftouter', { ...pairs, leftAlone: true }],
  ['rightouter', { ...pairs, rightAlone: true }],
  ['fullouter', { ...pairs, leftAlone: true, rightAlone: true }],
  ['leftsemi', { ...pairs, sides: 'left' }],
  ['rightsemi', { ...pairs, sides: 'right' }],
  ['leftanti', leftAnti],
  ['anti', leftAnti],
  ['leftantisemi', leftAnti],
  ['rightanti', rightAnti],
  ['rightantisemi', rightAnti],
]);

/** `join` of every kind; the default `innerunique` keeps the first left row of each key. */
export function compileJoin(node: Node, left: Relation, scope: Scope): Relation {
  const kind = operatorParameters(node, ['kind']).get('kind') ?? 'innerunique';
  const flavour = flavours.get(kind);
  if (!flavour) throw unsupported('join kind', kind);
  const right = scope.compileRelation(part(node, 'Expression'), scope);
  const keys = keysOf(part(node, 'ConditionClause'), left, right);
  return matchedRows(
    node,
    left,
    right,
    keys,
    flavour,
    right.columns.map((_, at) => at),
  );
}

/** `lookup`: a join that adds only the columns of the right side that are no keys. */
export function compileLookup(node: Node, left: Relation, scope: Scope): Relation {
  const kind = operatorParameters(node, ['kind']).get('kind') ?? 'leftouter';
  if (kind !== 'leftouter' && kind !== 'inner') throw unsupported('lookup kind', kind);
  const right = scope.compileRelation(part(node, 'Expression'), scope);
  const keys = keysOf(part(node, 'LookupClause'), left, right);
  const added = right.columns.map((_, at) => at).filter((at) => !keys.some((key) => key.right === at));
  return matchedRows(node, left, right, keys, { ...pairs, leftAlone: kind === 'leftouter' }, added);
}

function keysOf(clause: Node, left: Relation, right: Relation): readonly Key[] {
  if (clause.kind !== 'JoinOnClause') throw unsupported('join condition', clause.kind);
  return itemsOf(clause, 'Expressions').flatMap((item) => keysOfCondition(item, left, right));
}

function keysOfCondition(item: Node, left: Relation, right: Relation): readonly Key[] {
  if (item.kind === 'AndExpression')
    return ['Left', 'Right'].flatMap((role) => keysOfCondition(part(item, role), left, right));
  if (item.kind === 'NameReference') return [key(item.name, item.name, left, right)];
  if (item.kind !== 'EqualExpression') throw unsupported('join condition', item.kind);
  const sides = new Map(
    ['Left', 'Right'].map((role) => {
      const path = part(item, role);
      if (path.kind !== 'PathExpression') throw unsupported('join condition', path.kind);
      return [part(path, 'Expression').name, part(path, 'Selector').name] as const;
    }),
  );
  const [leftName, rightName] = [sides.get('$left'), sides.get('$right')];
  if (leftName === undefined || rightName === undefined) throw unsupported('join condition', 'of one side');
  return [key(leftName, rightName, left, right)];
}

function key(leftName: string, rightName: string, left: Relation, right: Relation): Key {
  const found = {
    left: left.columns.findIndex(({ name }) => name === leftName),
    right: right.columns.findIndex(({ name }) => name === rightName),
  };
  const [a, b] = [left.columns[found.left]?.type, right.columns[found.right]?.type];
  if (!a || !b) throw unsupported('join condition', `${leftName} == ${rightName}`);
  if (a === 'dynamic' || (a !== b && !(isNumeric(a) && isNumeric(b))))
    throw unsupported('join condition', `${a} == ${b}`);
  return found;
}
