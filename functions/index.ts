import { checkSettingsAtStart } from '../shared/app.ts';
import './assess.ts';
import './baselines.ts';
import './findings.ts';
import './health.ts';
import './on-resource-change.ts';
import './openapi.ts';
import './publish-pending.ts';
import './report.ts';
import './report-failed-assessment.ts';
import './scans.ts';
import './servers.ts';
import './sweep.ts';

checkSettingsAtStart();
