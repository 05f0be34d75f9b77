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
    none: { title: 'No debt', description: 'The comment explains the code and admits nothing.' },
    design: { title: 'Design debt', description: 'The comment admits a workaround, a hack, a shortcut or code in the wrong place.' },
    requirement: { title: 'Requirement debt', description: 'The comment admits that something is not implemented, or only in part.' },
    defect: { title: 'Defect debt', description: 'The comment admits a known bug that was left in.' },
    test: { title: 'Test debt', description: 'The comment admits tests that are missing, switched off or weak.' },
    documentation: { title: 'Documentation debt', description: 'The comment admits that documentation is missing or wrong.' },
  },
};
