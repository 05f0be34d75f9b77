import * as l10n from '@vscode/l10n';
import { firstCharacters, joinParts, type Task, type TaskInput } from './task';

/** Characters of a section's content that are kept. */
const MAXIMUM_CHARACTERS = 1200;

/** What a section of a README or other documentation is about (Prana et al. 2018, arXiv 1802.06997). Several may hold. */
export const DOC_SECTION: Task = {
  id: 'doc-section',
  texts: 'sections of documentation',
  example: { heading: '## Usage', text: 'Run it.' },
  prepare: composeSection,
  labels: {
    get what() {
      return { title: l10n.t('What'), description: l10n.t('The section says what the project is.') };
    },
    get why() {
      return { title: l10n.t('Why'), description: l10n.t('The section says what the project is good for, or better at than others.') };
    },
    get how() {
      return { title: l10n.t('How'), description: l10n.t('The section says how to install, set up or use it.') };
    },
    get when() {
      return { title: l10n.t('When'), description: l10n.t('The section says where the project stands: versions, changes, plans.') };
    },
    get who() {
      return { title: l10n.t('Who'), description: l10n.t('The section names people: authors, licence, thanks, contact.') };
    },
    get references() {
      return { title: l10n.t('References'), description: l10n.t('The section points to more: documentation, support, related projects.') };
    },
    get contribution() {
      return { title: l10n.t('Contribution'), description: l10n.t('The section says how to contribute.') };
    },
    get other() {
      return { title: l10n.t('Other'), description: l10n.t('The section is about none of these.') };
    },
  },
};

/** Heading and content: the content leaves out a first line that is the heading. */
function composeSection({ text, heading: given }: TaskInput): string {
  const trimmed = text.trim();
  const [first = ''] = trimmed.split('\n', 1);
  const heading = bare(given ?? (first.startsWith('#') ? first : ''));
  const content = heading !== '' && bare(first) === heading ? trimmed.slice(first.length).trim() : trimmed;
  // A character takes two UTF-16 code units at most: the rest need not be taken apart.
  return joinParts(heading, firstCharacters(content, MAXIMUM_CHARACTERS));
}

/** A heading without the number signs around it. */
function bare(heading: string): string {
  // Without the look-behind, a long run of number signs inside would be searched from each of them.
  return heading.trim().replace(/^#+|(?<!#)#+$/gu, '').trim();
}
