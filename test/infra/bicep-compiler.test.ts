import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INFRA } from './queries.ts';

const ENTRIES = ['main.bicep', 'events.bicep', 'management-group.bicep'];
const compiler = spawnSync('bicep', ['--version'], { encoding: 'utf8' });
const isHere = compiler.status === 0;

console.log(
  isHere
    ? `Bicep: our own checks and the compiler ran (${compiler.stdout.trim()}).`
    : 'Bicep: only our own checks ran; there is no "bicep" on the PATH.',
);

test.skipIf(!isHere).each(ENTRIES)('bicep build takes infra/%s', (file) => {
  const { status, stderr } = spawnSync('bicep', ['build', '--stdout', join(INFRA, file)], {
    encoding: 'utf8',
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});

/** Mistakes in a type are warnings to the compiler, which succeeds all the same: each stands with its place. */
const PLACE = /\(\d+,\d+\)/;

test.skipIf(!isHere).each(ENTRIES)('bicep lint finds nothing in infra/%s', (file) => {
  const { status, stdout, stderr } = spawnSync('bicep', ['lint', join(INFRA, file)], { encoding: 'utf8' });
  const found = `${stdout}\n${stderr}`.split('\n').filter((line) => PLACE.test(line));
  expect({ status, found }).toEqual({ status: 0, found: [] });
});
