/** What a piece of work took of its process. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time of the whole process. */
  readonly cpuMs: number;
  /** Resident memory above what the process had after its imports, at its highest. */
  readonly peakBytes: number;
  /** Resident memory after the imports. */
  readonly importedBytes: number;
}

const SAMPLE_MS = 100;

/** Runs some work and says what it took; memory is sampled ten times a second. */
export async function measured<Result>(
  work: () => Promise<Result>,
  importedBytes: number,
): Promise<Result & Measured> {
  let peak = process.memoryUsage.rss();
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const result = await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(timer);
  sample();
  return {
    ...result,
    wallMs,
    cpuMs: (user + system) / 1000,
    peakBytes: Math.max(0, peak - importedBytes),
    importedBytes,
  };
}
