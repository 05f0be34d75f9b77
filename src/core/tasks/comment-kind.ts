import { stripComment } from '../sources/comments/strip';
import type { Task } from './task';

/** What a comment is for (the categories of Java and Python class comments in Rani et al. 2021). Several may hold. */
export const COMMENT_KIND: Task = {
  id: 'comment-kind',
  texts: 'comments',
  example: { text: '// a comment' },
  prepare: ({ text }) => stripComment(text),
  labels: {
    summary: { title: 'Summary', description: 'The comment says in brief what the code is or does.' },
    usage: { title: 'Usage', description: 'The comment shows or says how to use the code.' },
    expand: { title: 'Details', description: 'The comment goes into how the code behaves or works.' },
    rationale: { title: 'Rationale', description: 'The comment gives the reasons for a decision.' },
    deprecation: { title: 'Deprecation', description: 'The comment warns that the code is not to be used any more.' },
    ownership: { title: 'Ownership', description: 'The comment names authors or holders of rights.' },
    pointer: { title: 'Pointer', description: 'The comment points to other code, issues or documents.' },
    parameters: { title: 'Parameters', description: 'The comment describes parameters or attributes.' },
    'development-notes': { title: 'Development notes', description: 'The comment is a note from one developer to another.' },
  },
};
