import assert from 'node:assert/strict';
import manifest from '../../package.json';
import strings from '../../package.nls.json';
import { Workbench, session } from './workbench';

const english = (key: string): string => (strings as Readonly<Record<string, string>>)[key.slice(1, -1)] ?? '';
const [walkthrough] = manifest.contributes.walkthroughs;

describe('the walkthrough, as a person takes it', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open(session());
    // The pictures want room.
    await workbench.command('View: Close Primary Side Bar');
  });
  after(() => workbench?.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/gu, '-')}`);
    }
  });

  it('has its steps, each with a picture @newest', async () => {
    const { page } = workbench;
    await workbench.command('Welcome: Open Walkthrough...');
    await page.locator('.quick-input-widget input.input').fill(english(walkthrough?.title ?? ''));
    await page.locator('.quick-input-list .monaco-list-row', { hasText: english(walkthrough?.title ?? '') }).first().click();
    const steps = page.locator('.gettingStartedContainer .getting-started-step');
    await steps.first().waitFor();
    assert.equal(await steps.count(), walkthrough?.steps.length);
    for (const { id, title, completionEvents } of walkthrough?.steps ?? []) {
      const step = steps.filter({ hasText: english(title) });
      await step.click();
      await page.locator('.gettingStartedContainer .step-list-container').waitFor();
      const picture = page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame').locator('svg');
      // The webview of the step before may still be going.
      await picture.locator('text').first().waitFor();
      assert.ok(completionEvents.length > 0);
      await workbench.screenshot(`walkthrough-${id}`);
    }
  });

  it('ticks off what was done', async () => {
    const step = workbench.page.locator('.gettingStartedContainer .getting-started-step').first();
    assert.equal(await step.locator('.codicon-getting-started-step-checked').isVisible(), false);
    await step.click();
    await step.getByText('Show Problems').click();
    await step.locator('.codicon-getting-started-step-checked').waitFor();
  });
});
