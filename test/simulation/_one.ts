import { simulate } from './run.ts';
import { violations, statesOf } from './check.ts';
const seed = Number(process.argv[2]); const f = process.argv[3];
const run = await simulate({ seed, trace: true });
for (const v of violations(run)) console.log(v.invariant, v.what);
console.log([...run.faults.classes].join(', '), 'pause', run.faults.pauseMs);
for (const l of run.log) if (!f || f.split('|').some(x => l.includes(x)) || l.includes('---')) console.log(l);
console.log(statesOf(run).filter(x=>!f||f.split('|').some(y=>x.includes(y))).join('\n'));
