import type { Example } from '../../src/core/teach/taught-task';

const COLOURS = ['the wall is red', 'a pale green leaf', 'she wore a yellow coat', 'black and white tiles', 'an orange evening sky', 'dye the wool purple', 'the sea looked turquoise', 'mix blue with white', 'his grey hair', 'brown leather shoes', 'a pink ribbon', 'golden light on the field'];
const TOOLS = ['tighten the screw with a wrench', 'the saw is blunt', 'sharpen the chisel first', 'a drill with a new battery', 'hold it with pliers', 'measure with a ruler', 'the axe hangs on the shed', 'borrow a ladder', 'a screwdriver for small screws', 'file the edge smooth', 'clamp both boards', 'oil the hinge of the scissors'];

/** Texts of two labels that any encoder tells apart. */
export const COLOURS_AND_TOOLS: readonly Example[] = [...COLOURS.map((text) => ({ text, label: 'colour' })), ...TOOLS.map((text) => ({ text, label: 'tool' }))];
