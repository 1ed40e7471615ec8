import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePorts, isPortFree } from './free-ports.ts';

test('ports are free, different, and none that an outgoing connection could take', async () => {
  const ports = await freePorts(5);
  assert.equal(new Set(ports).size, 5);
  for (const port of ports) assert.ok(port < 32_768 && (await isPortFree(port)));
});

test('a port on which somebody listens is not free', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const [port = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  assert.equal(await isPortFree(port), false);
});
