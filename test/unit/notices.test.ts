import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

describe('third-party notices', () => {
  it('are those of what ships: npm run --silent notices > THIRD_PARTY_NOTICES.md', () => {
    const printed = execFileSync(process.execPath, [path.join(ROOT, 'scripts/notices.mjs')], { encoding: 'utf8' });
    assert.equal(readFileSync(path.join(ROOT, 'THIRD_PARTY_NOTICES.md'), 'utf8'), printed);
  });
});
