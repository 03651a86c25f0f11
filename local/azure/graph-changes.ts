import { randomUUID } from 'node:crypto';
import { isRecord, type Json } from './json.ts';
import { azureTime } from './operation.ts';
import type { Change } from './store.ts';

const leaves = (value: unknown, path: string, found: Map<string, unknown>): Map<string, unknown> => {
  if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value))
      leaves(inner, path === '' ? key : `${path}.${key}`, found);
  } else if (Array.isArray(value)) {
    value.forEach((inner, index) => leaves(inner, `${path}[${index}]`, found));
  } else {
    found.set(path, value);
  }
  return found;
};

// Resource Graph writes the absent value as the text "null".
const said = (value: unknown): string =>
  value === undefined || value === null ? 'null' : typeof value === 'string' ? value : JSON.stringify(value);

const differences = (before: Json, after: Json): Record<string, Json> => {
  const old = leaves(before, '', new Map());
  const next = leaves(after, '', new Map());
  const changes: Record<string, Json> = {};
  for (const path of new Set([...old.keys(), ...next.keys()])) {
    if (old.get(path) === next.get(path)) continue;
    changes[path] = { previousValue: said(old.get(path)), newValue: said(next.get(path)) };
  }
  return changes;
};

/** A change as row of `resourcechanges`; undefined for a write that changed nothing. */
export const changeRow = (change: Change, at: Date, place: Json): Json | undefined => {
  const { before, after, cause } = change;
  const changes = before && after ? differences(before, after) : {};
  if (before && after && Object.keys(changes).length === 0) return undefined;
  const name = randomUUID();
  return {
    ...place,
    id: `${change.id}/providers/Microsoft.Resources/changes/${name}`,
    name,
    type: 'microsoft.resources/changes',
    properties: {
      targetResourceId: change.id,
      targetResourceType: change.type.toLowerCase(),
      changeType: before ? (after ? 'Update' : 'Delete') : 'Create',
      changeAttributes: {
        previousResourceSnapshotId: randomUUID(),
        newResourceSnapshotId: randomUUID(),
        correlationId: cause?.correlationId ?? '00000000-0000-0000-0000-000000000000',
        changedBy: cause?.changedBy ?? 'System',
        changedByType: cause?.changedByType ?? 'System',
        changesCount: Object.keys(changes).length,
        clientType: 'Unspecified',
        operation: cause?.operation ?? 'Unspecified',
        timestamp: azureTime(at).replace('Z', '+00:00'),
      },
      changes,
    },
  };
};
