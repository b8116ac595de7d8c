import type { Recipe } from '@/api/types';
import { ApiError } from '@/lib/api/errors';
import { partsOf, type Catalogue } from '@/lib/drink';

/** "Cola, peach, vanilla cream": what is in a drink, in few words. */
export function contentText(recipe: Recipe, catalogue: Catalogue): string {
  const names = partsOf(recipe).flatMap((part) => {
    const name = catalogue[part.id]?.name.toLowerCase();
    return name ? [part.group !== 'sodas' && part.amount > 1 ? `${part.amount} × ${name}` : name] : [];
  });
  const text = names.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the server refused: by place of the line, and what concerns the whole cart. */
export interface Refusal {
  byLine: Record<number, string[]>;
  whole: string | null;
}

/** Sorts fields such as "lines.0.recipe.syrups.1" to the lines that they speak of. */
export function refusalOf(error: Error | null): Refusal | null {
  if (!(error instanceof ApiError)) return null;
  const byLine: Record<number, string[]> = {};
  for (const [path, message] of Object.entries(error.fields)) {
    const place = /^lines\.(\d+)\b/.exec(path)?.[1];
    if (place !== undefined) (byLine[Number(place)] ??= []).push(message);
  }
  const some = Object.keys(byLine).length > 0;
  return { byLine, whole: error.fields.lines ?? (some ? null : error.message) };
}
