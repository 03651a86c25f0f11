import { simulate } from './run.ts';
import { violations } from './check.ts';
const from = Number(process.argv[2] ?? 1), to = Number(process.argv[3] ?? 5);
let bad = 0; const kinds = new Map<string, number[]>(); const what = new Map<string,string>();
const c0 = process.cpuUsage();
for (let seed = from; seed <= to; seed++) {
  const run = await simulate({ seed });
  const v = violations(run);
  if (v.length) bad++;
  for (const x of v) { const k = x.invariant; kinds.set(k, [...new Set([...(kinds.get(k) ?? []), seed])]); if (!what.has(k+seed)) what.set(k+seed, x.what); }
}
const c = process.cpuUsage(c0);
console.log('bad', bad, 'of', to - from + 1, ((c.user + c.system) / 1000 / (to - from + 1)).toFixed(0), 'ms cpu/seed');
for (const [k, s] of kinds) { console.log(k, s.length, s.slice(0, 12).join(' ')); for (const x of s.slice(0, 4)) console.log('   ', x, what.get(k+x)?.slice(0, 330)); }
