import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CheckReport } from '../check-report.ts';
import type { CheckSubject } from '../subject.ts';
import { writeFiles } from './scenario.ts';

const PROGRAM = fileURLToPath(new URL('check-program.ts', import.meta.url));

/** Checks in a process of its own, to whose system roots this one belongs: Node reads them once, at its start. */
export async function checkInChild(
  t: TestContext,
  subject: CheckSubject,
  { systemRootPem }: { readonly systemRootPem: string },
): Promise<CheckReport> {
  const { root } = await writeFiles(t, { root: systemRootPem });
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: root };
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  child.stdin.end(JSON.stringify(subject));
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(output);
}
