import * as l10n from '@vscode/l10n';
import { stripComment } from '../sources/comments/strip';
import type { Task } from './task';

/** Comments that admit technical debt (self-admitted technical debt, Potdar and Shihab 2014; kinds as in Maldonado et al. 2017). */
export const COMMENT_DEBT: Task = {
  id: 'comment-debt',
  texts: 'comments',
  example: { text: '// TODO: a comment' },
  prepare: ({ text }) => stripComment(text),
  silentLabel: 'none',
  labels: {
    get none() {
      return { title: l10n.t('No debt'), description: l10n.t('The comment explains the code and admits nothing.') };
    },
    get design() {
      return { title: l10n.t('Design debt'), description: l10n.t('The comment admits a workaround, a hack, a shortcut or code in the wrong place.') };
    },
    get requirement() {
      return { title: l10n.t('Requirement debt'), description: l10n.t('The comment admits that something is not implemented, or only in part.') };
    },
    get defect() {
      return { title: l10n.t('Defect debt'), description: l10n.t('The comment admits a known bug that was left in.') };
    },
    get test() {
      return { title: l10n.t('Test debt'), description: l10n.t('The comment admits tests that are missing, switched off or weak.') };
    },
    get documentation() {
      return { title: l10n.t('Documentation debt'), description: l10n.t('The comment admits that documentation is missing or wrong.') };
    },
  },
};
