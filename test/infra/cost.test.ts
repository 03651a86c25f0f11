import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cellsOf, costOf, rowSizes } from './cost.ts';
import { INFRA } from './queries.ts';

const page = readFileSync(join(INFRA, '..', 'docs', 'operations.md'), 'utf8');
const cells = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

test.each([100, 1000, 10_000])('the cost of %d servers is as documented', (servers) => {
  const expected = cellsOf(costOf(servers));
  expect(cells.find((row) => row[1] === expected[0])?.slice(1, -1)).toEqual(expected);
});

test('the row sizes are as documented', () => {
  const sizes = Object.entries(rowSizes()).map(([name, bytes]) => `${name} ${bytes.toLocaleString('en-US')}`);
  expect(page.replace(/\s+/g, ' ')).toContain(`Bytes of a row in that estate: ${sizes.join(', ')}.`);
});

test('rows grow with the estate, but for the sweeps and heartbeats', () => {
  const [small, large] = [costOf(1000), costOf(10_000)];
  const fixed = (96 + 288) * 30;
  expect(large.rowsAMonth - fixed).toBeCloseTo(10 * (small.rowsAMonth - fixed));
});
