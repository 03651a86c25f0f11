import type { Style } from './terminal-colour.ts';
import { styled } from './terminal-colour.ts';
import { padColumns, plain, textColumns } from './terminal-text.ts';

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  /** Numbers stand at the right. */
  readonly right?: boolean;
  /** The fewest terminal columns in which the cells still tell something. */
  readonly min: number;
  /** Narrowed to this before any other column is. */
  readonly enough?: number;
  /** 1 is narrowed and dropped first; 0 stays. */
  readonly drop: number;
  readonly styles?: readonly (Style | undefined)[];
}

const GAP = '  ';

/** Lines of a table, each at most `width` terminal columns: columns are narrowed first, then left out. */
export function layOut(columns: readonly Column[], width: number, colour: boolean): readonly string[] {
  const fitted = fit(columns, width);
  const head = fitted.map(({ column, size }) => padColumns(plain(column.title, size), size, column.right));
  const rows = columns[0]?.cells.length ?? 0;
  const lines = Array.from({ length: rows }, (_, row) =>
    fitted.map(({ column, size }) => {
      const cell = padColumns(plain(column.cells[row] ?? '', size), size, column.right);
      return styled(cell, column.styles?.[row], colour);
    }),
  );
  return [styled(plain(head.join(GAP), width).trimEnd(), 'bold', colour), ...lines.map(joined)];
}

function joined(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd();
}

interface Fitted {
  readonly column: Column;
  readonly size: number;
}

function fit(columns: readonly Column[], width: number): readonly Fitted[] {
  const sizes = new Map(columns.map((column) => [column, naturalWidth(column)]));
  const kept = new Set(columns);
  const inOrder = columns.filter(({ drop }) => drop > 0).sort((a, b) => a.drop - b.drop);
  const total = () =>
    [...kept].reduce((sum, column) => sum + (sizes.get(column) ?? 0), (kept.size - 1) * GAP.length);
  const narrow = (column: Column, least: number) => {
    const size = sizes.get(column) ?? 0;
    sizes.set(column, Math.max(Math.min(size, least), size - Math.max(0, total() - width)));
  };
  for (const column of columns) if (column.enough !== undefined) narrow(column, column.enough);
  for (const column of inOrder) narrow(column, column.min);
  for (const column of columns) narrow(column, column.min);
  for (const column of inOrder) if (total() > width) kept.delete(column);
  let room = width;
  return [...kept].map((column) => {
    const size = Math.max(0, Math.min(sizes.get(column) ?? 0, room));
    room -= size + GAP.length;
    return { column, size };
  });
}

function naturalWidth({ title, cells }: Column): number {
  // Names come from outside and have no end: a cell never asks for more than 90 columns.
  return cells.reduce(
    (most, cell) => Math.max(most, Math.min(90, textColumns(cell.slice(0, 90)))),
    title.length,
  );
}
