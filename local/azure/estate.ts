import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isItem, parseAddress } from './address.ts';

const guid = z.guid();
const properties = z.record(z.string(), z.unknown());

const subscriptionSchema = z.strictObject({
  subscriptionId: guid,
  displayName: z.string(),
  tenantId: guid,
  managementGroup: z.string().optional(),
  readable: z.boolean().default(true),
  state: z.enum(['Enabled', 'Disabled', 'Deleted', 'PastDue', 'Warned']).default('Enabled'),
});

const managementGroupSchema = z.strictObject({
  name: z.string(),
  displayName: z.string().optional(),
  parent: z.string().nullable(),
});

const resourceId = z.string().refine(
  (id) => {
    const address = parseAddress(id);
    return address?.resourceGroup !== undefined && address.steps.length > 0 && isItem(address);
  },
  { error: 'is not the id of a resource in a resource group' },
);

const resourceSchema = z.strictObject({
  id: resourceId,
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  sku: properties.optional(),
  kind: z.string().optional(),
  identity: properties.optional(),
  zones: z.array(z.string()).optional(),
  etag: z.string().optional(),
  systemData: properties.optional(),
  managedBy: z.string().optional(),
  properties: properties.default({}),
  children: z.record(z.string(), z.record(z.string(), properties)).default({}),
});

const estateSchema = z.strictObject({
  $schema: z.string().optional(),
  subscriptions: z.array(subscriptionSchema).default([]),
  managementGroups: z.array(managementGroupSchema).default([]),
  resources: z.array(resourceSchema).default([]),
});

export type Subscription = z.infer<typeof subscriptionSchema>;
export type ManagementGroup = z.infer<typeof managementGroupSchema>;
export type EstateResource = z.infer<typeof resourceSchema>;
/** What the embedded Azure holds at its start: subscriptions, their management groups, resources with children. */
export type Estate = z.infer<typeof estateSchema>;
/** An estate as a data file writes it, with everything optional left out. */
export type EstateInput = z.input<typeof estateSchema>;

const checkReferences = (estate: Estate): void => {
  const groups = new Set(estate.managementGroups.map((group) => group.name));
  for (const { name, parent } of estate.managementGroups) {
    if (parent !== null && !groups.has(parent))
      throw new Error(`Management group ${name}: its parent ${parent} is not declared.`);
  }
  const subscriptions = new Set(estate.subscriptions.map((item) => item.subscriptionId.toLowerCase()));
  for (const { subscriptionId, managementGroup } of estate.subscriptions) {
    if (managementGroup !== undefined && !groups.has(managementGroup))
      throw new Error(`Subscription ${subscriptionId}: management group ${managementGroup} is not declared.`);
  }
  const ids = new Set<string>();
  for (const { id } of estate.resources) {
    if (!subscriptions.has(parseAddress(id)?.subscriptionId.toLowerCase() ?? ''))
      throw new Error(`${id}: its subscription is not declared.`);
    if (ids.has(id.toLowerCase())) throw new Error(`${id} is declared twice.`);
    ids.add(id.toLowerCase());
  }
};

/** Checks an estate; throws an error that names the source and the first wrong place. */
export const parseEstate = (value: unknown, source = 'estate'): Estate => {
  const parsed = estateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${source}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is invalid'}`);
};

/** Merges estates into one and checks that everything that is named is declared, once. */
export const mergeEstates = (estates: readonly Estate[]): Estate => {
  const merged = {
    subscriptions: estates.flatMap((estate) => estate.subscriptions),
    managementGroups: estates.flatMap((estate) => estate.managementGroups),
    resources: estates.flatMap((estate) => estate.resources),
  };
  checkReferences(merged);
  return merged;
};

/** Reads every `*.json` file of a folder, in the order of their names, as one estate. */
export const loadEstate = async (folder: string): Promise<Estate> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) throw new Error(`${folder} holds no *.json file.`);
  const estates: Estate[] = [];
  for (const name of files) {
    const value: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
    estates.push(parseEstate(value, name));
  }
  return mergeEstates(estates);
};
