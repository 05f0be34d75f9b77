/** Text of a stranger's file as Markdown shows it: no link, image, markup or end of a table's cell, and no command to a terminal. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replace(/[\\`*_[\]<>|#~!&]/gu, '\\$&');
}
