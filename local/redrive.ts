import { azureCredential } from '../shared/azure/credential.ts';
import { redrive } from '../shared/asking/redrive.ts';
import { currentScope } from '../shared/sweeping/scope.ts';
import { readSettings } from '../shared/settings.ts';
import { azureDeadLetters } from '../shared/state/azure-blobs.ts';
import { azureQueue } from '../shared/state/azure-queue.ts';
import { azureTable } from '../shared/state/azure-table.ts';

/** Asks again for what failed, in the storage account that the environment names, with the caller's own sign-in. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const credential = azureCredential(settings);
  const table = azureTable(settings.storage, credential);
  const queue = azureQueue(settings.storage, credential);
  const ports = { table, queue, process: { now: () => Date.now(), random: () => Math.random() } };
  const { subscriptions } = await currentScope(settings, table);
  const deadLetters = azureDeadLetters(settings.storage, credential);
  const done = await redrive(ports, deadLetters, subscriptions, settings.actorDetail);
  process.stdout.write(
    `Asked again: ${done.failedAssessments} failed assessments, ${done.deadLetters} dead letters (${done.ignored} events in them lead to nothing). Dropped: ${done.dropped} messages that named nothing.\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
