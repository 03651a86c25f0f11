import { simulate } from '/work/main/test/simulation/run.ts';
const n = Number(process.argv[2] ?? 5);
const t0 = performance.now();
for (let seed = 1; seed <= n; seed++) {
  const t = performance.now();
  const run = await simulate({ seed, trace: true });
  if (n <= 5) console.log(seed, (performance.now()-t).toFixed(0)+'ms', run.stored.length, run.queue.waiting(), run.poisoned.length, run.table.conflicts(), run.readings.length, run.log.length);
}
console.log((performance.now()-t0)/n, 'ms/seed');
