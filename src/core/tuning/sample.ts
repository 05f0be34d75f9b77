/** At most so many items, spread evenly over all of them, in order. */
export function spread<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) {
    return [...items];
  }
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as Item);
}

/**
 * The items in an order of chance, each order as likely as any other (Fisher and Yates).
 * @param random numbers from 0 up to, but not including, 1.
 */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let left = result.length; left > 1; left -= 1) {
    const chosen = Math.floor(random() * left);
    [result[left - 1], result[chosen]] = [result[chosen] as Item, result[left - 1] as Item];
  }
  return result;
}
