import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { withLifetime } from '../../scripts/harness/lifetime.mjs';
import { packageExtension } from '../../scripts/package.mjs';
import { WEB } from '../../scripts/targets.mjs';

const sha256 = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

describe('a package', () => {
  it('has the same bytes whenever it is made', async () => {
    const first = sha256(process.env.GLANCE_PACKAGE);
    // In its place, for the suite that comes after.
    assert.equal(sha256(await withLifetime((lifetime) => packageExtension(lifetime, WEB))), first);
  });
});
