import { compileArithmetic, compileMinus } from './arithmetic.ts';
import { compileCall } from './calls.ts';
import { both, compileBetween, compileComparison, either } from './comparisons.ts';
import { oncePerRun } from './compile.ts';
import type { Evaluate, Rows, Scalar, Scope } from './compile.ts';
import { compileLiteral } from './literals.ts';
import { compileHasList, compileTextPredicate } from './predicates.ts';
import { compileIn, needlesOf } from './membership.ts';
import type { Members } from './membership.ts';
import { compileElement, compileMember } from './paths.ts';
import { itemsOf, part } from './tree.ts';
import type { Node } from './tree.ts';
import { columnType, missing, unsupported } from './values.ts';

/** Compiles a scalar expression once into a closure over rows. */
export function compileScalar(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  const literal = compileLiteral(node);
  if (literal) return literal;
  const scalar = compileExpression(node, scope, rows);
  if (!scalar.constant) return scalar;
  const once = oncePerRun((run) => scalar.evaluate([], run));
  return { ...scalar, evaluate: (_, run) => once(run) };
}

function compileExpression(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  switch (node.kind) {
    case 'NameReference':
      return reference(node, scope, rows);
    case 'ParenthesizedExpression':
      return compileScalar(part(node, 'Expression'), scope, rows);
    case 'PathExpression':
      return compileMember(node, scope, rows);
    case 'ElementExpression':
      return compileElement(node, scope, rows);
    case 'FunctionCallExpression':
      return compileCall(node, scope, rows);
    case 'ToScalarExpression':
      return toScalar(node, scope);
    case 'UnaryMinusExpression': {
      const operand = compileScalar(part(node, 'Expression'), scope, rows);
      return { type: columnType(node.type), constant: operand.constant, evaluate: compileMinus(operand) };
    }
    default:
      return binary(node, scope, rows);
  }
}

/** A column of the row, or a name bound by `let` or as a parameter. */
function reference(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  if (node.symbol?.kind === 'ColumnSymbol') {
    const at = rows?.columns.findIndex((column) => column.name === node.name) ?? -1;
    const column = rows?.columns[at];
    const read = rows?.readers[at];
    if (!column || !read) throw unsupported('reference', node.name);
    return { type: column.type, constant: false, evaluate: read };
  }
  const bound = scope.locals.get(node.name);
  if (bound?.kind !== 'scalar') throw unsupported('reference', node.name);
  // A value of one row has no meaning among the rows of another table.
  if (!bound.scalar.constant && bound.rows !== rows)
    throw unsupported("row's value in a subquery", node.name);
  return bound.scalar;
}

/** The first column of the first row of a subquery. */
function toScalar(node: Node, scope: Scope): Scalar {
  const inner = part(node, 'Expression');
  if (!inner.tabular) return compileScalar(inner, scope, undefined);
  const relation = scope.compileRelation(inner, scope);
  const type = columnType(node.type);
  const read = relation.readers[0];
  const evaluate: Evaluate = (_, run) => {
    const row = relation.rows(run)[0];
    return row && read ? read(row) : missing(type);
  };
  return { type, constant: true, evaluate };
}

function binary(node: Node, scope: Scope, rows: Rows | undefined): Scalar {
  if (!node.parts.has('Left') || !node.parts.has('Right')) throw unsupported('expression', node.kind);
  const { kind } = node;
  const left = compileScalar(part(node, 'Left'), scope, rows);
  const rightNode = part(node, 'Right');
  const bool = (evaluate: Evaluate, ...parts: readonly Scalar[]): Scalar => ({
    type: 'bool',
    constant: parts.every((scalar) => scalar.constant),
    evaluate,
  });
  if (rightNode.kind === 'ExpressionList') {
    const members = compileMembers(rightNode, scope, rows);
    const evaluate = listPredicate(kind, left, members);
    return bool(evaluate, left, ...(members.kind === 'scalars' ? members.scalars : []));
  }
  if (rightNode.kind === 'ExpressionCouple') {
    const first = compileScalar(part(rightNode, 'First'), scope, rows);
    const last = compileScalar(part(rightNode, 'Second'), scope, rows);
    if (kind !== 'BetweenExpression' && kind !== 'NotBetweenExpression')
      throw unsupported('expression', kind);
    return bool(compileBetween(left, first, last, kind === 'BetweenExpression'), left, first, last);
  }
  const right = compileScalar(rightNode, scope, rows);
  const arithmetic = compileArithmetic(kind, left, right);
  if (arithmetic) return { ...bool(arithmetic, left, right), type: columnType(node.type) };
  const test =
    logical(kind, left, right) ??
    compileComparison(kind, left, right) ??
    compileTextPredicate(kind, left, right);
  if (!test) throw unsupported('expression', kind);
  return bool(test, left, right);
}

function logical(kind: string, left: Scalar, right: Scalar): Evaluate | undefined {
  if (kind !== 'AndExpression' && kind !== 'OrExpression') return undefined;
  const odd = [left, right].find((scalar) => scalar.type !== 'bool');
  if (odd) throw unsupported('operand', `${odd.type} of and/or`);
  const decided = kind === 'OrExpression';
  const join = decided ? either : both;
  return (row, run) => {
    const first = left.evaluate(row, run);
    return first === decided ? first : join(first, right.evaluate(row, run));
  };
}

function compileMembers(node: Node, scope: Scope, rows: Rows | undefined): Members {
  const expressions = itemsOf(node, 'Expressions');
  const [only] = expressions;
  if (only?.tabular) {
    if (expressions.length > 1) throw unsupported('list', 'of several subqueries');
    return { kind: 'rows', of: scope.compileRelation(only, scope) };
  }
  return { kind: 'scalars', scalars: expressions.map((item) => compileScalar(item, scope, rows)) };
}

function listPredicate(kind: string, left: Scalar, members: Members): Evaluate {
  switch (kind) {
    case 'InExpression':
      return compileIn(left, members, false, true);
    case 'NotInExpression':
      return compileIn(left, members, false, false);
    // The language service calls the operators that ignore cases "Cs".
    case 'InCsExpression':
      return compileIn(left, members, true, true);
    case 'NotInCsExpression':
      return compileIn(left, members, true, false);
    case 'HasAnyExpression':
    case 'HasAllExpression':
      return compileHasList(left, needlesOf(members), kind === 'HasAllExpression');
    default:
      throw unsupported('expression', kind);
  }
}
