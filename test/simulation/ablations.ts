import type { Operation, Ports, Row } from '../../shared/ports.ts';
import type { Request } from '../../shared/asking/request.ts';
import type { TableName } from '../../shared/rows.ts';
import type { FindingRecord, ServerState } from '../../shared/lifecycle/server-state.ts';
import type { Ablation, Run } from './run.ts';
import { isState, readable } from './versions.ts';
import { SERVERS } from './world.ts';

/** Each guard by name, and how it is taken away from outside the shipped code. */
export const ABLATIONS: Readonly<Record<string, Ablation>> = {
  'if-match': { ports: withoutIfMatch },
  'order-of-reading': { before: readFirst },
  outbox: { ports: withoutOutbox },
  'flap-guard': { ports: withoutFlapGuard },
  'corroborated-delete': { ports: withoutCorroboration },
  'unreadable-is-not-resolved': { ports: deniedIsEmpty },
  'truncated-is-not-deleted': { ports: truncatedIsComplete },
  'strong-read': { ports: readByGraph },
  sweep: { noSweep: true },
  'own-retry': { ports: withoutOwnRetry },
  deduplication: { rawRows: true },
  sequence: { ports: withoutSequence },
  'newer-state-is-refused': { ports: withoutRefusal },
  epoch: { ports: withoutEpoch },
};

function onTransact(
  ports: Ports,
  change: (partition: string, operations: readonly Operation[]) => readonly Operation[],
): Ports {
  return {
    ...ports,
    table: {
      query: (...given) => ports.table.query(...given),
      transact: (partition, operations) => ports.table.transact(partition, change(partition, operations)),
    },
  };
}

/** Whoever writes last wins. */
function withoutIfMatch(ports: Ports): Ports {
  return onTransact(ports, (_, operations) =>
    operations.map((operation): Operation => {
      if (!operation.row.startsWith('s|') || (operation.do !== 'replace' && operation.do !== 'insert'))
        return operation;
      const { row, text, columns } = operation;
      return { do: 'put', row, text, ...(columns ? { columns } : {}) };
    }),
  );
}

/** ARM is read, then the state: a slow worker brings an old reading to a new state. */
async function readFirst(request: Request, ports: Ports): Promise<Ports> {
  const { arm } = ports;
  const gets = new Map<string, ReturnType<typeof arm.get>>();
  const lists = new Map<string, ReturnType<typeof arm.list>>();
  const early: Ports['arm'] = {
    get: (path, version) => gets.get(path) ?? arm.get(path, version),
    list: (path, version, filter) => lists.get(path) ?? arm.list(path, version, filter),
  };
  for (const { id } of request.resources) {
    const server = SERVERS.find((one) => one.id === id.toLowerCase());
    if (!server) continue;
    gets.set(server.id, arm.get(server.id, server.family.apiVersion));
    const path = `${server.id}/firewallRules`;
    lists.set(path, arm.list(path, server.family.apiVersion));
  }
  await Promise.all([...gets.values(), ...lists.values()]);
  return { ...ports, arm: early };
}

/** State first, then the rows, straight to the sink, once. */
function withoutOutbox(ports: Ports): Ports {
  return {
    ...ports,
    table: {
      query: (...given) => ports.table.query(...given),
      async transact(partition, operations) {
        const kept = operations.filter(({ row }) => !row.startsWith('o|'));
        const written =
          kept.length === 0 ? new Map<string, string>() : await ports.table.transact(partition, kept);
        if (written === 'conflict') return written;
        for (const operation of operations) {
          if (operation.do !== 'put' || !operation.row.startsWith('o|')) continue;
          const rows = JSON.parse(operation.text) as { table: TableName; row: object }[];
          for (const { table, row } of rows) {
            await ports.sink.send(table, [JSON.stringify({ TimeGenerated: '', ...row })]);
          }
        }
        return written;
      },
    },
  };
}

function changeState(row: Row, change: (state: ServerState) => ServerState): Row {
  if (!row.row.startsWith('s|') || row.text === '') return row;
  return { ...row, text: JSON.stringify(change(JSON.parse(row.text) as ServerState)) };
}

function onQuery(ports: Ports, change: (state: ServerState) => ServerState): Ports['table'] {
  return {
    async query(...given) {
      const { rows, now } = await ports.table.query(...given);
      return { rows: rows.map((row) => changeState(row, change)), now };
    },
    transact: (...given) => ports.table.transact(...given),
  };
}

/** Whatever the next reading says is believed at once: nothing waits, and what was resolved a moment ago opens again. */
function withoutFlapGuard(ports: Ports): Ports {
  const long = '2026-05-19T00:00:00.000Z';
  const unguarded = (record: FindingRecord): FindingRecord => ({
    ...record,
    resolvedAt: record.resolvedAt === null ? null : long,
    pending: record.state === 'Resolved' ? record.pending : { to: 'resolve', since: long, reason: '' },
  });
  return {
    ...ports,
    table: onQuery(ports, (state) => ({ ...state, findings: state.findings.map(unguarded) })),
  };
}

const isOfType = (path: string): boolean => path.split('/')[3] === 'providers';

/** Two 404s are enough. */
function withoutCorroboration(ports: Ports): Ports {
  return {
    ...ports,
    arm: {
      get: (...given) => ports.arm.get(...given),
      async list(path, version, filter) {
        const answer = await ports.arm.list(path, version, filter);
        return answer.outcome === 'ok' && isOfType(path) ? { ...answer, body: [] } : answer;
      },
    },
  };
}

/** A list that is refused is taken for an empty one. */
function deniedIsEmpty(ports: Ports): Ports {
  return {
    ...ports,
    arm: {
      get: (...given) => ports.arm.get(...given),
      async list(...given) {
        const answer = await ports.arm.list(...given);
        const isRefused = answer.outcome === 'denied' || answer.outcome === 'garbled';
        return isRefused ? { outcome: 'ok', body: [], firstAt: answer.at, at: answer.at } : answer;
      },
    },
  };
}

/** A list that breaks off is taken for a whole one. */
function truncatedIsComplete(ports: Ports, { clock }: Run): Ports {
  return {
    ...ports,
    arm: {
      get: (...given) => ports.arm.get(...given),
      async list(...given) {
        const answer = await ports.arm.list(...given);
        if (answer.outcome !== 'failed') return answer;
        const at = new Date(Math.floor(clock.now() / 1000) * 1000).toISOString();
        return { outcome: 'ok', body: [], firstAt: at, at };
      },
    },
  };
}

/** Resource Graph, minutes old, is believed as ARM is. */
function readByGraph(ports: Ports, run: Run): Ports {
  return { ...ports, arm: run.laggingArm() };
}

/** What fails is left to the host's five dequeues. */
function withoutOwnRetry(ports: Ports): Ports {
  return {
    ...ports,
    queue: {
      send: (request, delaySeconds) =>
        (request.attempt ?? 1) > 1
          ? Promise.reject(new Error('no retry of our own'))
          : ports.queue.send(request, delaySeconds),
    },
  };
}

/** The state forgets how often a finding changed. */
function withoutSequence(ports: Ports): Ports {
  const forgetful = (state: ServerState): ServerState => ({
    ...state,
    findings: state.findings.map((record) => ({ ...record, seq: 0 })),
  });
  return { ...ports, table: onQuery(ports, forgetful) };
}

/** The old release takes a newer release's state for one of its own. */
function withoutRefusal(ports: Ports): Ports {
  return {
    ...ports,
    table: {
      async query(...given) {
        const { rows, now } = await ports.table.query(...given);
        const known = rows.map((row) => (isState(row) ? { ...row, text: readable(row.text) } : row));
        return { rows: known, now };
      },
      transact: (...given) => ports.table.transact(...given),
    },
  };
}

/** Rows do not say when their record was made: whoever begins anew begins with the same numbers. */
function withoutEpoch(ports: Ports): Ports {
  const committing = onTransact(ports, (_, operations) =>
    operations.map((operation): Operation => {
      if (operation.do !== 'put' || !operation.row.startsWith('o|')) return operation;
      const rows = JSON.parse(operation.text) as { table: TableName; row: Numbered }[];
      const text = JSON.stringify(rows.map(({ table, row }) => ({ table, row: withoutTime(row) })));
      return { ...operation, text };
    }),
  );
  return {
    ...committing,
    sink: {
      send(table, rows) {
        const renumbered = rows.map((text) => JSON.stringify(withoutTime(JSON.parse(text) as Numbered)));
        return ports.sink.send(table, renumbered);
      },
    },
  };
}

interface Numbered {
  readonly EpochSeq?: number;
}

function withoutTime(row: Numbered): Numbered {
  return row.EpochSeq === undefined ? row : { ...row, EpochSeq: row.EpochSeq % 1_000_000 };
}
