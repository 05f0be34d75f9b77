import assert from 'node:assert/strict';
import { Workbench, session } from '../ui/workbench';

describe("the package for VS Code for the Web, in the browser's extension host", () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('inventory.ts');
  });
  after(() => workbench?.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench.screenshot(`failed-web-${this.currentTest.title.replace(/\W+/gu, '-')}`);
    }
  });

  it('underlines comments that admit debt, and says on hover that WebAssembly runs the encoder', async function () {
    // The model comes over HTTP, and is compiled on the way.
    await workbench.page.locator('.squiggly-info').first().waitFor();
    await workbench.page.locator('.view-line span', { hasText: 'HACK' }).last().hover();
    const hover = workbench.page.locator('.monaco-hover', { hasText: 'Confidence' }).first();
    await hover.waitFor();
    assert.match(await hover.innerText(), /Left at exit \d of [1-9]\d* after \d+\.\d ms, wasm engine/u);
    await workbench.screenshot('web');
    await workbench.page.mouse.move(1000, 780);
    await hover.waitFor({ state: 'hidden' });
  });

  it('classifies what is selected', async () => {
    await workbench.page.locator('.view-line span', { hasText: 'HACK' }).last().click();
    await workbench.page.keyboard.press('Home');
    await workbench.page.keyboard.press('Shift+End');
    await workbench.command('Glance: Classify Selection');
    const answer = workbench.notifications().first();
    await answer.waitFor();
    assert.match(await answer.innerText(), /\d+% sure, left at exit \d of \d/u);
  });

  it('scans the workspace', async () => {
    await workbench.command('Glance: Scan Workspace');
    await workbench.page.locator('.pane', { hasText: /findings/iu }).locator('.monaco-list-row', { hasText: /debt/iu }).first().waitFor();
  });
});
