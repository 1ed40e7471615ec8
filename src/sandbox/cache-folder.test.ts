import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheFolder } from './cache-folder.ts';

test('the cache folder is where the user, the desktop or the platform says', () => {
  const HOME = '/home/me';
  assert.equal(cacheFolder({ HOME, ROTEY_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' }, 'linux'), '/a');
  assert.equal(cacheFolder({ HOME, XDG_CACHE_HOME: '/b' }, 'darwin'), '/b/rotey');
  assert.equal(cacheFolder({ HOME }, 'linux'), '/home/me/.cache/rotey');
  assert.equal(cacheFolder({ HOME }, 'darwin'), '/home/me/Library/Caches/rotey');
  assert.equal(cacheFolder({ HOME, ROTEY_CACHE_DIR: '' }, 'linux'), '/home/me/.cache/rotey');
});
