import type { OffsetRange } from '../snippet';
import { IGNORE, indentBefore } from './ignore';
import { stripComment } from './strip';

/** A change of a source: text put in at an offset, in UTF-16 code units. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** How a comment is marked. */
interface CommentForm {
  /** Matches the start of such a comment. */
  readonly opening: RegExp;
  /** Matches its end. Comments that end with their line have none. */
  readonly closing?: RegExp;
  /** What comes before and after the words of a comment of one line that can stand above it. */
  readonly around: readonly [before: string, after: string];
}

/** The first that matches holds. Doc comments are answered by plain ones, which do not become part of the documentation. */
const FORMS: readonly CommentForm[] = [
  { opening: /^\/\*/u, closing: /\*+\/$/u, around: ['/* ', ' */'] },
  { opening: /^<!--/u, closing: /--+>$/u, around: ['<!-- ', ' -->'] },
  { opening: /^\(\*/u, closing: /\*+\)$/u, around: ['(* ', ' *)'] },
  { opening: /^\{-/u, closing: /-\}$/u, around: ['{- ', ' -}'] },
  { opening: /^<#/u, closing: /#>$/u, around: ['<# ', ' #>'] },
  { opening: /^#=/u, closing: /=#$/u, around: ['#= ', ' =#'] },
  { opening: /^--\[=*\[/u, closing: /\]=*\]$/u, around: ['--[[ ', ' ]]'] },
  // Ruby's block has to stand at the start of a line, and a docstring is a string.
  { opening: /^=begin/u, closing: /=end$/u, around: ['# ', ''] },
  { opening: /^[rRbBuUfF]{0,2}["']/u, closing: /(?:"""|'''|["'])$/u, around: ['# ', ''] },
  { opening: /^\/\//u, around: ['// ', ''] },
  { opening: /^--/u, around: ['-- ', ''] },
  { opening: /^;/u, around: ['; ', ''] },
  { opening: /^%/u, around: ['% ', ''] },
  { opening: /^#/u, around: ['# ', ''] },
];

/** What other tools look for, so that a comment with it is found already. */
const KEYWORD = /\b(?:TODO|FIXME|HACK|XXX|BUG)\b/u;

/**
 * What makes Glance leave a comment alone: a comment above it in the language's own syntax, or, where code stands before it on its line, a word more
 * at its end.
 * @param range of the whole comment, markers included.
 */
export function ignoreInsertion(source: string, { start, end }: OffsetRange): Insertion {
  const comment = source.slice(start, end);
  const form = FORMS.find(({ opening }) => opening.test(comment));
  const indent = indentBefore(source, start);
  if (form && indent !== undefined) {
    return { offset: start, text: `${form.around.join(IGNORE)}\n${indent}` };
  }
  const words = form?.closing ? comment.replace(form.closing, '') : comment;
  return { offset: start + words.trimEnd().length, text: ` ${IGNORE}` };
}

/**
 * What makes tools that look for keywords see a comment: `TODO: ` before its first word.
 * @param range of the whole comment, markers included.
 * @returns nothing where they see it already.
 */
export function todoInsertion(source: string, { start, end }: OffsetRange): Insertion | undefined {
  const comment = source.slice(start, end);
  const text = stripComment(comment);
  const [first = ''] = text.split(' ', 1);
  const at = comment.indexOf(first);
  return KEYWORD.test(text) || at < 0 ? undefined : { offset: start + at, text: 'TODO: ' };
}
