import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  AzureNamedKeyCredential,
  TableClient,
  type TableEntityResult,
  type TransactionAction,
  odata,
} from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { within } from '../azure/deadline.ts';
import type { Operation, Row, Table } from '../ports.ts';
import type { StorageSettings } from '../settings.ts';
import { mergingTransactions } from './merged-transactions.ts';

const TABLE = 'exposure';
/** Texts above this are deflated: a property holds 32,768 characters or 64 KiB, an entity 1 MiB. */
const MAX_PLAIN = 30_000;
const MAX_BINARY = 60_000;
/** Texts with these are deflated too: a server that takes them for ends of lines refuses the transaction (Azurite does). */
const LINE_ENDS = /[\u2028\u2029]/;
const MAX_TEXT = 15;
/** Of one transaction, and of one query with all its pages. */
const WRITE_MS = 30_000;
const QUERY_MS = 60_000;
/** Of the request of a transaction, for an operation: more than its headers, its URL and the names of its properties take. */
const OPERATION_BYTES = 2_048;
/** A text is JSON, and goes into JSON: each of its quotation marks takes two bytes. */
const ESCAPED = 2;

type Entity = Record<string, unknown> & { partitionKey: string; rowKey: string };
/** An operation as it goes into a transaction. */
type Item = Pick<Row, 'row'> & { readonly action: TransactionAction; readonly bytes: number };

/** The state table of the Functions storage account. */
export function azureTable(storage: StorageSettings, credential: TokenCredential): Table {
  const client = tableClient(storage, credential);
  let created: Promise<void> | undefined;
  const ready = (): Promise<void> => (created ??= create(client).catch(forget));
  const forget = (error: unknown): never => {
    created = undefined;
    throw error;
  };
  /** A table that somebody deleted is made again before the next attempt. */
  const using = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await ready();
    try {
      return await work();
    } catch (error) {
      if (isTableGone(error)) created = undefined;
      throw error;
    }
  };
  const transact = mergingTransactions<Item>(async (_, items) => {
    const actions = items.map(({ action }) => action);
    try {
      const { subResponses } = await using(() =>
        within(WRITE_MS, (abortSignal) => client.submitTransaction(actions, { abortSignal })),
      );
      return new Map(items.map(({ row }, index) => [row, subResponses[index]?.etag ?? '']));
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  });
  return {
    async query(partition, from, to, columnsOnly = false) {
      const filter = odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`;
      let now = '';
      const options = {
        queryOptions: { filter, ...(columnsOnly ? { select: ['RowKey', 'columns'] } : {}) },
        onResponse: (response: { headers: { get(name: string): string | undefined } }) => {
          now ||= clockOf(response.headers.get('date'));
        },
      };
      const rows: Row[] = [];
      await using(() =>
        within(QUERY_MS, (abortSignal) =>
          eachEntity(client.listEntities({ ...options, abortSignal }), (entity) => rows.push(rowOf(entity))),
        ),
      );
      return { rows, now: now || clockOf(undefined) };
    },
    async transact(partition, operations) {
      if (operations.length === 0) throw new Error('a transaction of no operations');
      return transact(
        partition,
        operations.map((item) => itemOf(partition, item)),
      );
    },
  };
}

async function create(client: TableClient): Promise<void> {
  await within(WRITE_MS, (abortSignal) => client.createTable({ abortSignal }));
}

async function eachEntity<Entity>(
  entities: AsyncIterable<Entity>,
  take: (entity: Entity) => void,
): Promise<void> {
  for await (const entity of entities) take(entity);
}

function tableClient(storage: StorageSettings, credential: TokenCredential): TableClient {
  if (!('connectionString' in storage)) return new TableClient(storage.table, TABLE, credential);
  const parts = new Map(
    storage.connectionString.split(';').map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const [url, name, key] = [parts.get('TableEndpoint'), parts.get('AccountName'), parts.get('AccountKey')];
  if (url === undefined || name === undefined || key === undefined) {
    const isEmulator = storage.connectionString.startsWith('UseDevelopmentStorage=true');
    const options = { allowInsecureConnection: isEmulator };
    return TableClient.fromConnectionString(storage.connectionString, TABLE, options);
  }
  // The emulator speaks http on loopback.
  const allowInsecureConnection = url.startsWith('http://127.0.0.1');
  return new TableClient(url, TABLE, new AzureNamedKeyCredential(name, key), { allowInsecureConnection });
}

function clockOf(date: string | undefined): string {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) throw new Error('the storage service told no time');
  return new Date(time).toISOString();
}

function rowOf(entity: TableEntityResult<Record<string, unknown>>): Row {
  const columns: unknown = JSON.parse(textOr(entity.columns, '{}'));
  if (!isTexts(columns)) throw new Error('a row of the table has columns that are no texts');
  return { row: textOr(entity.rowKey, ''), etag: entity.etag, columns, text: textOf(entity) };
}

function isTexts(value: unknown): value is Row['columns'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function textOr(value: unknown, missing: string): string {
  return typeof value === 'string' ? value : missing;
}

function textOf(entity: Record<string, unknown>): string {
  if (typeof entity.text === 'string') return entity.text;
  const chunks: Uint8Array[] = [];
  for (let index = 0; entity[`z${index}`] instanceof Uint8Array; index += 1) {
    chunks.push(entity[`z${index}`] as Uint8Array);
  }
  return chunks.length === 0 ? '' : inflateRawSync(Buffer.concat(chunks)).toString('utf8');
}

function itemOf(partition: string, operation: Operation): Item {
  const action = actionOf(partition, operation);
  const sizes = Object.values<unknown>(action[1]).map((value) =>
    value instanceof Uint8Array ? base64Length(value) : ESCAPED * Buffer.byteLength(textOr(value, '')),
  );
  return { row: operation.row, action, bytes: sizes.reduce((sum, size) => sum + size, OPERATION_BYTES) };
}

function base64Length({ length }: Uint8Array): number {
  return Math.ceil(length / 3) * 4;
}

function actionOf(partition: string, operation: Operation): TransactionAction {
  const key = { partitionKey: partition, rowKey: operation.row };
  if (operation.do === 'delete') return ['delete', key];
  const entity: Entity = { ...key, ...propertiesOf(operation.text) };
  if (operation.columns) entity.columns = JSON.stringify(operation.columns);
  if (operation.do === 'insert') return ['create', entity];
  if (operation.do === 'put') return ['upsert', entity, 'Replace'];
  return ['update', entity, 'Replace', { etag: operation.etag }];
}

function propertiesOf(text: string): Record<string, unknown> {
  if (text.length <= MAX_PLAIN && !LINE_ENDS.test(text)) return { text };
  const packed = deflateRawSync(text);
  const chunks = Math.ceil(packed.length / MAX_BINARY);
  if (chunks > MAX_TEXT) throw new Error('a state is larger than a row of the table may be');
  return Object.fromEntries(
    Array.from({ length: chunks }, (_, index) => [
      `z${index}`,
      Uint8Array.from(packed.subarray(index * MAX_BINARY, (index + 1) * MAX_BINARY)),
    ]),
  );
}

const Refused = z.object({
  statusCode: z.number(),
  /** Of a transaction; a single request tells it in its details. */
  code: z.string().optional().catch(undefined),
  details: z
    .object({ odataError: z.object({ code: z.string() }) })
    .optional()
    .catch(undefined),
});

/** 409: a row to insert exists; 412: an ETag differs; 404: a row to replace or delete does not exist. */
function isConflict(error: unknown): boolean {
  const status = Refused.safeParse(error).data?.statusCode;
  return (status === 409 || status === 412 || status === 404) && !isTableGone(error);
}

/** Deleted, or not yet wholly: Azure takes a while before the name may be used again. */
function isTableGone(error: unknown): boolean {
  const { code, details } = Refused.safeParse(error).data ?? {};
  const told = code ?? details?.odataError.code ?? '';
  return told === 'TableNotFound' || told === 'TableBeingDeleted';
}
