import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Workbench, lookAfter, session } from './workbench';

const CODE = [
  '// paint the wall red', '// a pale green leaf', '// she wore a yellow coat', '// black and white tiles', '// an orange evening sky', '// dye the wool purple',
  '// the sea looked turquoise', '// mix blue with white', '// his grey hair', '// brown leather shoes', '// a pink ribbon',
].join('\nrun()\n');
const TOOLS = [
  '// tighten the screw with a wrench', '// the saw is blunt', '// sharpen the chisel first', '// a drill with a new battery', '// hold it with pliers', '// measure with a ruler',
  '// the axe hangs on the shed', '// borrow a ladder', '// a screwdriver for small screws', '// file the edge smooth', '// clamp both boards',
].join('\nrun()\n');

describe('Teach a Label, as a person uses it', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-teach-'));
  let workbench: Workbench;

  before(async () => {
    writeFileSync(path.join(folder, 'walls.go'), 'package walls\n');
    workbench = await Workbench.open(session(), folder);
    await workbench.openFile('walls.go');
    await workbench.page.locator('.editor-instance .view-line').first().click();
  });
  after(() => rmSync(folder, { recursive: true }));
  lookAfter(() => workbench);

  it('asks what the labels are about, and says what is still missing @newest', async () => {
    await paste(CODE);
    await workbench.command('Glance: Teach a Label');
    await answer(/What are the labels about/u, 'Colour notes');
    await pick('Comments');
    await answer(/not to be reported/u);
    await workbench.screenshot('teach-label');
    await pick('New label...');
    await answer(/Name of the label/u, 'colour');
    const toast = workbench.notifications().filter({ hasText: 'Colour notes: 11 examples added.' });
    await toast.waitFor();
    assert.match(await toast.innerText(), /"other", the label that is not reported, has no examples/u);
    await workbench.command('Notifications: Clear All Notifications');
    await toast.waitFor({ state: 'detached' });
  });

  it('trains when there are examples enough, and says how good it is @newest', async () => {
    await paste(TOOLS);
    await workbench.command('Glance: Teach a Label');
    await pick('Colour notes');
    await workbench.screenshot('teach-labels');
    await pick('other');
    const toast = workbench.notifications().filter({ hasText: /Right for \d+% of 22 examples/u });
    await toast.waitFor();
    await workbench.screenshot('taught');
    await toast.getByText('Show Report').click();
    const preview = workbench.page.frameLocator('iframe.webview').frameLocator('iframe');
    await preview.getByText('What was taken for what').waitFor();
    await workbench.screenshot('teach-report');
    await workbench.command('Notifications: Clear All Notifications');
  });

  it('reports what it learnt among the problems @newest', async () => {
    await workbench.tab('walls.go').click();
    await paste('// a dark red and light green wall');
    await workbench.page.keyboard.press('Control+Shift+M');
    const problem = workbench.page.locator('.markers-panel .monaco-list-row', { hasText: 'Colour notes: colour' });
    await problem.first().waitFor();
    await workbench.screenshot('teach-problems');
    await workbench.page.keyboard.press('Escape');
  });

  it('is removed when asked', async () => {
    await workbench.command('Glance: Remove Taught Labels');
    const list = workbench.page.locator('.quick-input-list');
    await list.locator('.monaco-list-row', { hasText: 'Colour notes' }).first().click();
    await workbench.page.locator('.quick-input-widget').getByText('OK', { exact: true }).click();
    await workbench.page.locator('.monaco-dialog-box').getByText('Remove', { exact: true }).click();
    await workbench.page.locator('.markers-panel .monaco-list-row', { hasText: 'Colour notes: colour' }).first().waitFor({ state: 'detached' });
  });

  /** Makes this text all that the document has, and selects it. */
  async function paste(text: string): Promise<void> {
    await workbench.page.keyboard.press('Control+A');
    await workbench.page.keyboard.insertText(text);
    await workbench.page.keyboard.press('Control+A');
  }

  /** Fills in what is asked for, or takes what is proposed. */
  async function answer(prompt: RegExp, text?: string): Promise<void> {
    const widget = workbench.page.locator('.quick-input-widget', { hasText: prompt });
    await widget.waitFor();
    if (text !== undefined) {
      await widget.locator('input.input').fill(text);
    }
    await workbench.page.keyboard.press('Enter');
  }

  async function pick(item: string): Promise<void> {
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: item }).first().click();
  }
});
