/** Checks the subject that it is given on stdin, and prints the report. */
import { text } from 'node:stream/consumers';
import { runCheck } from '../check.ts';

const report = await runCheck(JSON.parse(await text(process.stdin)));
process.stdout.write(JSON.stringify(report));
