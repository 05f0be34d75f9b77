import * as l10n from '@vscode/l10n';
import { stripComment } from '../sources/comments/strip';
import type { Task } from './task';

/** What a comment is for (the categories of Java and Python class comments in Rani et al. 2021). Several may hold. */
export const COMMENT_KIND: Task = {
  id: 'comment-kind',
  texts: 'comments',
  example: { text: '// a comment' },
  prepare: ({ text }) => stripComment(text),
  labels: {
    get summary() {
      return { title: l10n.t('Summary'), description: l10n.t('The comment says in brief what the code is or does.') };
    },
    get usage() {
      return { title: l10n.t('Usage'), description: l10n.t('The comment shows or says how to use the code.') };
    },
    get expand() {
      return { title: l10n.t('Details'), description: l10n.t('The comment goes into how the code behaves or works.') };
    },
    get rationale() {
      return { title: l10n.t('Rationale'), description: l10n.t('The comment gives the reasons for a decision.') };
    },
    get deprecation() {
      return { title: l10n.t('Deprecation'), description: l10n.t('The comment warns that the code is not to be used any more.') };
    },
    get ownership() {
      return { title: l10n.t('Ownership'), description: l10n.t('The comment names authors or holders of rights.') };
    },
    get pointer() {
      return { title: l10n.t('Pointer'), description: l10n.t('The comment points to other code, issues or documents.') };
    },
    get parameters() {
      return { title: l10n.t('Parameters'), description: l10n.t('The comment describes parameters or attributes.') };
    },
    get 'development-notes'() {
      return { title: l10n.t('Development notes'), description: l10n.t('The comment is a note from one developer to another.') };
    },
  },
};
