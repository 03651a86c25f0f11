import type { Binding, Relation, Scope } from './compile.ts';
import { keyword, part } from './tree.ts';
import type { Node } from './tree.ts';
import { unsupported } from './values.ts';

/** The scope after the `let` statements of a query or a function body. */
export function withStatements(statements: readonly Node[], scope: Scope): Scope {
  return statements.reduce((current, statement) => {
    if (statement.kind !== 'LetStatement') throw unsupported('statement', keyword(statement));
    const locals = new Map(current.locals);
    locals.set(part(statement, 'Name').name, bind(part(statement, 'Expression'), current));
    return { ...current, locals };
  }, scope);
}

function bind(expression: Node, scope: Scope): Binding {
  if (expression.kind === 'FunctionDeclaration') return { kind: 'function', scope };
  if (expression.tabular)
    return { kind: 'relation', relation: kept(scope.compileRelation(expression, scope)) };
  return { kind: 'scalar', scalar: scope.compileScalar(expression, scope, undefined), rows: undefined };
}

/** A table that is computed once per run, however often it is named. */
function kept(relation: Relation): Relation {
  return {
    ...relation,
    rows: (run) => {
      const known = run.kept.get(relation);
      if (known) return known;
      const rows = relation.rows(run);
      run.kept.set(relation, rows);
      return rows;
    },
  };
}
