import { enterFunction, isUserFunction } from './calls.ts';
import { cellReader } from './cells.ts';
import type { Relation, Scope } from './compile.ts';
import { compileExpand } from './operators/expand.ts';
import { compileJoin, compileLookup } from './operators/join.ts';
import { compileDistinct, compileExtend, compileProject, compileReshape } from './operators/project.ts';
import { compileDatatable, compilePrint, compileRange } from './operators/sources.ts';
import { compileCount, compileSort, compileTake, compileTop, compileWhere } from './operators/rows.ts';
import { compileSummarize } from './operators/summarize.ts';
import { compileUnion } from './operators/union.ts';
import { keyword, part } from './tree.ts';
import type { Node } from './tree.ts';
import { unsupported } from './values.ts';

type CompileOperator = (node: Node, input: Relation, scope: Scope) => Relation;

const passOn: CompileOperator = (_, input) => input;

const operators: Readonly<Record<string, CompileOperator>> = {
  FilterOperator: compileWhere,
  ProjectOperator: compileProject,
  ProjectAwayOperator: compileReshape,
  ProjectKeepOperator: compileReshape,
  ProjectReorderOperator: compileReshape,
  ProjectRenameOperator: compileReshape,
  ExtendOperator: compileExtend,
  SummarizeOperator: compileSummarize,
  DistinctOperator: compileDistinct,
  JoinOperator: compileJoin,
  LookupOperator: compileLookup,
  UnionOperator: (node, input, scope) => compileUnion(node, input, scope),
  MvExpandOperator: compileExpand,
  SortOperator: compileSort,
  TopOperator: compileTop,
  TakeOperator: compileTake,
  CountOperator: compileCount,
  // Only the display of the result depends on it.
  RenderOperator: passOn,
};

/** Compiles a tabular expression once into a closure over the tables of a run. */
export function compileRelation(node: Node, scope: Scope): Relation {
  switch (node.kind) {
    case 'PipeExpression': {
      const operator = part(node, 'Operator');
      const compile = operators[operator.kind];
      if (!compile) throw unsupported('operator', keyword(operator));
      return compile(operator, compileRelation(part(node, 'Expression'), scope), scope);
    }
    case 'ParenthesizedExpression':
    // Every table bound by `let` is computed once anyway.
    case 'MaterializeExpression':
      return compileRelation(part(node, 'Expression'), scope);
    case 'NameReference':
      return table(node, scope);
    case 'FunctionCallExpression':
      return call(node, scope);
    case 'UnionOperator':
      return compileUnion(node, undefined, scope);
    case 'PrintOperator':
      return compilePrint(node, scope);
    case 'DataTableExpression':
      return compileDatatable(node, scope);
    case 'RangeOperator':
      return compileRange(node, scope);
    default:
      throw unsupported('operator', keyword(node));
  }
}

function call(node: Node, scope: Scope): Relation {
  const { name } = part(node, 'Name');
  if (!isUserFunction(name, scope)) throw unsupported('function', name);
  const inner = enterFunction(node, scope, undefined);
  return compileRelation(inner.result, inner.scope);
}

/** A name bound by `let`, a saved function called without parentheses, or a table. */
function table(node: Node, scope: Scope): Relation {
  const bound = scope.locals.get(node.name);
  if (bound?.kind === 'relation') return bound.relation;
  const known = node.symbol?.kind === 'TableSymbol' ? scope.tables.get(node.name) : undefined;
  if (!known) throw unsupported('table reference', node.name === '' ? keyword(node) : node.name);
  const columns = Object.entries(known.schema).map(([name, type]) => ({ name, type }));
  const ingested = cellReader(node.name, { name: '$ingestionTime', type: 'datetime' });
  return {
    columns,
    readers: columns.map((column) => cellReader(node.name, column)),
    ingestion: scope.carriesIngestion ? ingested : undefined,
    rows: (run) => (run.tables.get(known.key) ?? []).map((row) => [row]),
  };
}
