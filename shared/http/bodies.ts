import * as z from 'zod';

export const MAX_IDS = 50;
const MAX_SUBSCRIPTIONS = 300;

/** What a scan is asked for with: servers, subscriptions, or neither for all. */
export const ScanBody = z
  .strictObject({
    resourceIds: z
      .array(z.string().max(1024))
      .min(1)
      .max(MAX_IDS)
      .optional()
      .describe('Resource ids of database servers in scope.'),
    subscriptions: z
      .array(z.string().max(64))
      .min(1)
      .max(MAX_SUBSCRIPTIONS)
      .optional()
      .describe('Subscriptions in scope.'),
  })
  .describe('Either resourceIds or subscriptions; neither asks for every server in scope.');

/** What a baseline is approved with. */
export const BaselineBody = z.strictObject({
  reason: z.string().trim().min(1).max(500).describe('Why this exposure is right.'),
});
