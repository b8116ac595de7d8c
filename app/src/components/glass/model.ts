import type { IceLevel, Ingredient, Recipe } from '@/api/types';

import { lightness, mix, parseHex, toHex } from './color';

export interface Layer {
  /** Keeps its identity while the drink changes, so that it can grow and shrink. */
  key: string;
  color: string;
  opacity: number;
  /** Relative to the other layers. */
  share: number;
}

export type GarnishKind = 'lime' | 'lemon' | 'orange' | 'cherry' | 'mint' | 'berry' | 'crumble';

export interface GarnishPicture {
  kind: GarnishKind;
  color: string;
}

export interface GlassPicture {
  /** From bottom to top. */
  layers: Layer[];
  ice: IceLevel;
  /** 0 to 1. */
  bubbles: number;
  /** Colour of the cap. */
  cream: string | null;
  garnish: GarnishPicture | null;
  /** Colours of the scoops, two at most. */
  scoops: string[];
  /** Colour of the pearls at the bottom. */
  pearls: string | null;
}

export type IngredientsById = Readonly<Record<string, Ingredient | undefined>>;

/** A share is not a volume: a pump is 1 % of a cup, yet what one added must be seen. */
const WEIGHT = { sodas: 3.4, syrup: 1.3, syrupMore: 0.5, juice: 1.4, cream: 1.3, more: 0.6 };
const STILL = /water|tea|lemonade/;
const WHIPPED = /whip|cold-foam|foam|marshmallow/;
const PEARLS = /boba|pearl|jelly|mango/;
const GARNISHES: readonly [RegExp, GarnishKind][] = [
  [/lime/, 'lime'], [/lemon/, 'lemon'], [/orange/, 'orange'], [/cherr/, 'cherry'], [/mint/, 'mint'], [/berr/, 'berry'],
  [/crumble|cookie/, 'crumble'],
];

/** A thin film is clearer than a glass full: even clear liquids have a body. */
function layer(ingredient: Ingredient, share: number): Layer {
  return { key: ingredient.id, color: ingredient.color, opacity: 0.5 + 0.5 * ingredient.opacity, share };
}

function sodaLayers(recipe: Recipe, byId: IngredientsById): Layer[] {
  const total = recipe.sodas.reduce((sum, soda) => sum + soda.share, 0);
  return recipe.sodas.flatMap((soda) => {
    const ingredient = byId[soda.ingredient_id];
    return ingredient && total > 0 ? [layer(ingredient, (WEIGHT.sodas * soda.share) / total)] : [];
  });
}

function portionLayers(portions: Recipe['juices'], byId: IngredientsById, first: number): Layer[] {
  return portions.flatMap((portion) => {
    const ingredient = byId[portion.ingredient_id];
    return ingredient && portion.portions > 0 ? [layer(ingredient, first + WEIGHT.more * (portion.portions - 1))] : [];
  });
}

/** Darker flavours settle lower, as they would in the cup. */
function syrupLayers(recipe: Recipe, byId: IngredientsById): Layer[] {
  const layers = recipe.syrups.flatMap(({ ingredient_id: id, pumps }) => {
    const ingredient = byId[id];
    return ingredient && pumps > 0 ? [layer(ingredient, WEIGHT.syrup + WEIGHT.syrupMore * (pumps - 1))] : [];
  });
  return layers.sort((one, other) => lightness(parseHex(one.color)) - lightness(parseHex(other.color)));
}

function chosen(portions: Recipe['juices'], byId: IngredientsById): Ingredient[] {
  return portions.flatMap(({ ingredient_id: id, portions: count }) => (count > 0 ? (byId[id] ?? []) : []));
}

function garnishOf(addIns: readonly Ingredient[]): GarnishPicture | null {
  for (const addIn of addIns) {
    const found = GARNISHES.find(([pattern]) => pattern.test(addIn.slug) && !PEARLS.test(addIn.slug));
    if (found) return { kind: found[1], color: addIn.color };
  }
  return null;
}

function capOf(creams: readonly Ingredient[], addIns: readonly Ingredient[]): string | null {
  const top = creams.at(-1) ?? addIns.find((addIn) => WHIPPED.test(addIn.slug));
  return top ? toHex(mix(parseHex(top.color), [255, 252, 240], 0.6)) : null;
}

function scoopsOf(recipe: Recipe, byId: IngredientsById): string[] {
  return recipe.ice_creams
    .flatMap(({ ingredient_id: id, portions }) => Array.from({ length: portions }, () => byId[id]?.color ?? []).flat())
    .slice(0, 2);
}

/** How a drink looks: what is in it, from the bottom of the glass to the top. */
export function glassFor(recipe: Recipe, byId: IngredientsById): GlassPicture {
  const addIns = chosen(recipe.add_ins, byId);
  const sodas = recipe.sodas.flatMap(({ ingredient_id: id }) => byId[id] ?? []);
  const fizzy = sodas.filter((soda) => !STILL.test(soda.slug)).length;
  return {
    layers: [
      ...sodaLayers(recipe, byId),
      ...syrupLayers(recipe, byId),
      ...portionLayers(recipe.juices, byId, WEIGHT.juice),
      ...portionLayers(recipe.creams, byId, WEIGHT.cream),
    ],
    ice: recipe.ice,
    bubbles: sodas.length > 0 ? fizzy / sodas.length : 0,
    cream: capOf(chosen(recipe.creams, byId), addIns),
    garnish: garnishOf(addIns),
    scoops: scoopsOf(recipe, byId),
    pearls: addIns.find((addIn) => PEARLS.test(addIn.slug))?.color ?? null,
  };
}

const ICE_WORDS: Record<IceLevel, string> = {
  none: 'no ice', light: 'light ice', regular: 'regular ice', extra: 'extra ice',
};

/** The picture in words: the drink's name and what is in it. */
export function describeGlass(name: string, recipe: Recipe, byId: IngredientsById): string {
  const ids = [
    ...recipe.sodas, ...recipe.syrups, ...recipe.juices, ...recipe.creams, ...recipe.add_ins, ...recipe.ice_creams,
  ].map((part) => part.ingredient_id);
  const names = ids.flatMap((id) => byId[id]?.name ?? []);
  return `${name}: ${[...names, ICE_WORDS[recipe.ice]].join(', ')}`;
}
