import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf, isNamed, namespaceOfEndpoint } from './endpoint.ts';

test('a name tells what is meant to sit behind it', () => {
  const expected = {
    'orders.a1b2c.tmprl.cloud': 'cloud-namespace',
    'Orders.A1b2c.tmprl.cloud.': 'cloud-namespace',
    'aws-us-east-1.region.tmprl.cloud': 'cloud-region',
    'us-east-1.aws.api.temporal.io': 'cloud-api-key',
    'vpce-0a1b.vpce-svc-0d1e.us-east-1.vpce.amazonaws.com': 'private-link',
    'temporal.example.com': 'other',
    'tmprl.cloud': 'other',
    'orders.a1b2c.tmprl.cloud.example.com': 'other',
    '127.0.0.1': 'other',
  } as const;
  for (const [host, endpoint] of Object.entries(expected)) assert.equal(endpointOf(host), endpoint, host);
  assert.equal(namespaceOfEndpoint('Orders.a1b2c.tmprl.cloud'), 'orders.a1b2c');
  assert.equal(namespaceOfEndpoint('aws-us-east-1.region.tmprl.cloud'), undefined);
});

test('a wildcard stands for one label', () => {
  assert.ok(isNamed('a.b.c', ['IP Address:1.2.3.4', 'DNS:*.B.c']));
  assert.ok(isNamed('A.b.c.', ['DNS:a.b.c']));
  assert.ok(!isNamed('x.a.b.c', ['DNS:*.b.c', 'DNS:a.b.c']));
  assert.ok(!isNamed('b.c', ['DNS:*.b.c']));
});
