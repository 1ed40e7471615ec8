/**
 * What a server's name tells of what is meant to sit behind it.
 *
 * - `cloud-namespace`: a Namespace endpoint of Temporal Cloud, for certificates.
 * - `cloud-region`: the endpoint of a region, for Namespaces in several regions.
 * - `cloud-api-key`: a regional endpoint that takes API keys.
 * - `private-link`: an address inside of a network that leads to a service by its server name only.
 * - `other`: a self-hosted server, or anything else.
 *
 * https://docs.temporal.io/cloud/connectivity (endpoints), and AWS's names of VPC endpoints.
 */
export type Endpoint = 'cloud-namespace' | 'cloud-region' | 'cloud-api-key' | 'private-link' | 'other';

export function endpointOf(host: string): Endpoint {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (/\.region\.tmprl\.cloud$/.test(name)) return 'cloud-region';
  if (/^[^.]+\.[^.]+\.tmprl\.cloud$/.test(name)) return 'cloud-namespace';
  if (/\.api\.temporal\.io$/.test(name)) return 'cloud-api-key';
  if (/\.vpce\.amazonaws\.com(?:\.cn)?$/.test(name)) return 'private-link';
  return 'other';
}

/** Temporal Cloud has public certificates, and one CA list for each Namespace. */
export function isCloud(endpoint: Endpoint): boolean {
  return endpoint.startsWith('cloud-');
}

/** `orders.a1b2c` of `orders.a1b2c.tmprl.cloud`; undefined for every other kind of endpoint. */
export function namespaceOfEndpoint(host: string): string | undefined {
  if (endpointOf(host) !== 'cloud-namespace') return undefined;
  return host.toLowerCase().replace(/\.tmprl\.cloud\.?$/, '');
}

/** Whether a certificate with these names (as Node writes them, `DNS:…`) is for a host (RFC 6125 §6.4.3). */
export function isNamed(host: string, sans: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return sans.some((san) => {
    const pattern = san.replace(/^DNS:/, '').toLowerCase();
    if (pattern === name) return true;
    return pattern.startsWith('*.') && name.slice(name.indexOf('.')) === pattern.slice(1);
  });
}
