import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Workbench, lookAfter, session } from './workbench';

const DECISION = /^(Design|Requirement|Defect|Test|Documentation) debt, \d+% sure, left at exit \d of \d/u;

describe('debt in comments, as a person sees it', () => {
  let workbench: Workbench;
  const problems = (): Locator => workbench.page.locator('.markers-panel .monaco-list-row', { hasText: /left at exit \d of \d/u });

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('inventory.ts');
  });
  lookAfter(() => workbench);

  it('is underlined @newest', async () => {
    await workbench.page.locator('.squiggly-info').first().waitFor();
    await workbench.screenshot('diagnostics');
  });

  it('is listed among the problems, with label, confidence and exit @newest', async () => {
    await workbench.page.keyboard.press('Control+Shift+M');
    await problems().first().waitFor();
    for (const text of await problems().allInnerTexts()) {
      assert.match(text.trim(), DECISION);
    }
    await workbench.screenshot('problems');
  });

  it('is explained on hover @newest', async () => {
    await problems().filter({ hasText: 'Ln 32' }).click();
    await workbench.page.locator('.view-line span', { hasText: 'TODO: reserve' }).last().hover();
    const hover = workbench.page.locator('.monaco-hover', { hasText: 'Confidence' }).first();
    await hover.waitFor();
    const text = await hover.innerText();
    const [, exit] = /Left at exit (\d) of \d after \d+\.\d ms, native engine/u.exec(text) ?? [];
    // A table from the first exit to the one taken.
    assert.match(text, /\n0(?:,\staken)?\t[\w ]+\t\d+%\t\d+%\t/u);
    assert.match(text, new RegExp(`\\n${exit},\\staken\\tDesign debt\\t\\d+%\\t\\d+%\\t`, 'u'));
    await workbench.screenshot('hover');
    await workbench.page.mouse.move(1000, 780);
    await hover.waitFor({ state: 'hidden' });
  });

  it('has its cost among the status items of the language @newest', async () => {
    await workbench.page.locator('.statusbar-item[id="status.languageStatus"]').hover();
    const status = workbench.page.locator('.hover-language-status', { hasText: 'Mean exit' }).first();
    await status.waitFor();
    assert.match(await status.innerText(), /Glance: \d+ of \d+ comments[\s\S]*Mean exit \d\.\d\d, \d+ ms/u);
    await workbench.screenshot('status');
    await workbench.page.mouse.move(600, 300);
  });

  it('keeps another promise as soon as it is chosen in the settings editor @newest', async () => {
    await choose('glance.maxDisagreement', '0');
    await statusSays(/Glance: full depth[\s\S]*every answer is the full model/u);
    await choose('glance.maxDisagreement', '2');
    await statusSays(/Glance: at most [\d.]+% differ|2% cannot be promised/u);
  });

  it('leaves at other exits as soon as an expert changes policy and threshold there', async () => {
    await choose('glance.exit.policy', 'entropy');
    for (const [threshold, expected] of [['0', /Mean exit [1-9]\.00/u], ['10', /Mean exit 0\.00/u]] as const) {
      await fill('glance.exit.threshold', threshold);
      await statusSays(expected);
    }
    await fill('glance.exit.threshold', '');
    await choose('glance.exit.policy', 'promise');
    await statusSays(/Glance: at most [\d.]+% differ|2% cannot be promised/u);
  });

  /** Waits until the language status says something of the example. */
  async function statusSays(expected: RegExp): Promise<void> {
    await workbench.openFile('inventory.ts');
    await workbench.page.locator('.statusbar-item[id="status.languageStatus"]').hover();
    await workbench.page.locator('.hover-language-status', { hasText: expected }).first().waitFor();
    await workbench.screenshot('promise');
    await workbench.page.mouse.move(600, 300);
  }

  async function choose(setting: string, value: string): Promise<void> {
    const item = await workbench.setting(setting);
    await item.locator('select').selectOption(value);
    await workbench.screenshot('settings');
  }

  async function fill(setting: string, value: string): Promise<void> {
    const box = (await workbench.setting(setting)).locator('input').first();
    await box.fill(value);
    await box.press('Tab');
  }
});

describe('Classify Selection, as a person uses it', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('report.py');
  });
  lookAfter(() => workbench);

  it('asks for a selection when there is none', async () => {
    await workbench.page.locator('.view-line').first().click();
    await workbench.command('Glance: Classify Selection');
    const toast = workbench.notifications().filter({ hasText: 'Select some text in an editor first' });
    await toast.waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await toast.waitFor({ state: 'detached' });
  });

  it('says so when there are no words in the selection', async () => {
    await workbench.page.locator('.view-line').first().click();
    await workbench.page.keyboard.press('Home');
    await workbench.page.keyboard.press('Shift+ArrowRight');
    await workbench.command('Glance: Classify Selection');
    const toast = workbench.notifications().filter({ hasText: 'no words in the selection' });
    await toast.waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await toast.waitFor({ state: 'detached' });
  });

  it('shows label, confidence and exit @newest', async () => {
    await workbench.page.locator('.view-line', { hasText: 'FIXME' }).first().click();
    await workbench.page.keyboard.press('Home');
    await workbench.page.keyboard.press('Shift+End');
    await workbench.command('Glance: Classify Selection');
    const toast = workbench.notifications().filter({ hasText: /left at exit \d of \d/u });
    await toast.waitFor();
    assert.match((await toast.locator('.notification-list-item-message').innerText()).trim(), DECISION);
    await workbench.screenshot('selection');
  });

  it('shows the trace when asked', async () => {
    await workbench.notifications().getByText('Show Trace').click();
    const rows = workbench.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    assert.match(await rows.first().innerText(), /Exit 0[\s\S]*\d+% sure[\s\S]*Entropy \d\.\d{3} nats/u);
    await workbench.screenshot('trace');
    await workbench.page.keyboard.press('Escape');
  });
});
