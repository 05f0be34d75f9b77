import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { withLifetime } from '../../scripts/harness/lifetime.mjs';
import { packageExtension } from '../../scripts/package.mjs';
import { HERE, WEB } from '../../scripts/targets.mjs';

/** SHA-256 of a fresh package. */
async function packed(target) {
  const file = await withLifetime((lifetime) => packageExtension(lifetime, target));
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

describe('a package', () => {
  for (const target of [HERE, WEB]) {
    it(`for ${target} has the same bytes whenever it is made`, async () => {
      assert.equal(await packed(target), await packed(target));
    });
  }
});
