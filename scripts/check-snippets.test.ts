import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, snippetsOf } from './check-snippets.ts';

const PAGE = `# A page

\`\`\`sh
npm ci
\`\`\`

\`\`\`ts
const right: string = address;
\`\`\`

\`\`\`ts
await rotation.rotateNow();
rotation.on('rotated', ({ pair }) => pair.serial.length);
rotation.onRotated();
\`\`\`
`;

test('the examples of a page are found, with their lines', () => {
  const found = snippetsOf('a.md', PAGE).map(({ file, line, code }) => [file, line, code.split('\n').length - 1]);
  assert.deepEqual(found, [
    ['a.md', 8, 1],
    ['a.md', 12, 3],
  ]);
});

test('an example that does not compile is told by its place in the page, and nothing else is', async () => {
  const problems = await compile(snippetsOf('a.md', PAGE));
  assert.equal(problems.length, 1, problems.join('\n'));
  assert.match(problems[0] ?? '', /^a\.md:14:\d+ error TS\d+: .*onRotated/);
});
