import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @temporalio/worker, loaded when a NativeConnection is met, which has loaded it: whoever only connects Clients need not
 * install it, nor start its native core. Synchronous, because the SDK's hooks are.
 */
export function workerSdk(): typeof import('@temporalio/worker') {
  return require('@temporalio/worker') as typeof import('@temporalio/worker'); // a CommonJS package
}
